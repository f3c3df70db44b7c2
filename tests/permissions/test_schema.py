"""Every operation of the published schema, asked as each role, with what fits it and what does not."""

import pytest
import schemathesis
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from schemathesis.generation import GenerationMode

from academy.accounts.services import token_pair_issue
from academy.wsgi import application

pytestmark = pytest.mark.django_db
ROLES = ("anonymous", "learner", "owner", "operator")
EXAMPLES = 8
MISFITS = 6
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
# Reads on a connection of its own, which sees no transaction of a test, for as long as a job goes on:
# asked of a real server in scheduler/jobs/tests/test_live.py.
ELSEWHERE = {"GET /async-monitoring/tasks/{job_id}/stream/"}
TOLD = {
    found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if found.ok() is not None
}
OPERATIONS = {label: operation for label, operation in TOLD.items() if label not in ELSEWHERE}


def takes(operation):
    """Whether anything can be sent that does not fit: an address alone is a 404."""
    return bool(operation.query or operation.body)


def takes_pictures(operation):
    """Whether any bytes fit: which of them are a picture, no schema says."""
    return all(one.media_type.startswith("image/") for one in operation.body)


def headers_of(world, role):
    if role not in world.people:
        return {}
    return {"Authorization": f"Bearer {token_pair_issue(person=world.people[role]).access}"}


def few(count):
    return examples(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def held(case, headers, checks):
    """The status of the answer, which was held against the checks; what it did is undone."""
    with transaction.atomic():
        response = case.call(headers=headers)
        transaction.set_rollback(True)
    case.validate_response(response, checks=checks)
    return response.status_code


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("label", OPERATIONS)
def test_each_operation_answers_what_fits_it_as_the_schema_says(world, label, role):
    operation = OPERATIONS[label]
    headers = headers_of(world, role)
    known = world.arguments(operation.path)

    @few(EXAMPLES)
    @given(case=operation.as_strategy(), is_known=st.sampled_from([True, True, False]))
    def ask(case, is_known):
        if is_known:
            case.path_parameters = {**case.path_parameters, **known}
        held(case, headers, TRUTHS + SOUND.get(label, [not_a_server_error]))

    ask()


@pytest.mark.parametrize("label", [label for label, one in OPERATIONS.items() if takes(one)])
def test_each_operation_answers_what_does_not_fit_it_as_the_schema_says(world, label):
    operation = OPERATIONS[label]
    headers = headers_of(world, "owner")
    cases = operation.as_strategy(
        GenerationMode.NEGATIVE, path_parameters=world.arguments(operation.path) or None
    )

    answers = set()

    @few(MISFITS)
    @given(case=cases)
    def ask(case):
        answers.add(held(case, headers, [*TRUTHS, not_a_server_error]))

    ask()
    if operation.body and not takes_pictures(operation):
        # In an address numbers are text, and what is not known there asks for nothing.
        assert max(answers) >= 400


def test_only_the_stream_is_asked_elsewhere():
    assert TOLD.keys() - OPERATIONS.keys() == ELSEWHERE
