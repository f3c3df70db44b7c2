"""Every operation of the published schema, asked as each role, with what fits it and what does not."""

import pytest
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error

from academy.accounts.services import token_pair_issue
from academy.wsgi import application
from tests.permissions.world import make_world

ROLES = ("anonymous", "stranger", "learner", "assistant", "owner", "operator")
EXAMPLES = 12
FREE = dict.fromkeys(("anon", "user", "status", "export", "login", "page"), "1000000/s")
load_all_checks()
TRUTHS = [
    not_a_server_error,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
]


def published():
    """The schema as clients read it, answered by the academy in this process."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = application
    schema.location = "/api/schema/"
    return schema


SCHEMA = published()
OPERATIONS = {
    found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if found.ok() is not None
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One world for all examples; each of them is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_world()
        tokens = {
            role: token_pair_issue(person=person).access for role, person in made.people.items()
        }
        yield made, tokens
        transaction.set_rollback(True)


@pytest.fixture
def unlimited(settings):
    settings.RATES = FREE


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_each_operation_answers_as_the_schema_says(world, unlimited, label, role):
    made, tokens = world
    operation = OPERATIONS[label]
    headers = {"Authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
    known = made.parameters(operation.path)

    @examples(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_known=st.sampled_from([True, True, False]))
    def ask(case, is_known):
        if is_known:
            case.path_parameters = {**case.path_parameters, **known}
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        case.validate_response(response, checks=TRUTHS)

    ask()
