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

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "learner", "owner", "operator")
EXAMPLES = 8
load_all_checks()
TRUTHS = CHECKS.get_by_names(
    [
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
# No worker runs beside these tests, and health says so.
SOUND = {"GET /async-monitoring/health/": []}


def to_the_end(environ, start_response):
    """The academy, whose streamed files are read to their end and closed."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


def published():
    """The schema as clients read it, answered by the academy in this process."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = to_the_end
    schema.location = "/api/schema/"
    return schema


SCHEMA = published()
OPERATIONS = {
    found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if found.ok() is not None
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_each_operation_answers_as_the_schema_says(world, label, role):
    operation = OPERATIONS[label]
    headers = {}
    if role in world.people:
        pair = token_pair_issue(person=world.people[role])
        headers = {"Authorization": f"Bearer {pair.access}"}
    known = world.arguments(operation.path)

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
        case.validate_response(response, checks=TRUTHS + SOUND.get(label, [not_a_server_error]))

    ask()
