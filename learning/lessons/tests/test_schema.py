"""OpenAPI says what the answers are: each is held against its own schema."""

import jsonschema
import pytest
from drf_spectacular.generators import SchemaGenerator

from learning.courses.models import Course
from learning.lessons.models import Tier


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def check(schema, path, response):
    answer = schema["paths"][path]["get"]["responses"][str(response.status_code)]
    described = answer["content"]["application/json"]["schema"]
    validator = jsonschema.Draft202012Validator(
        {**described, "components": schema["components"]},
        format_checker=jsonschema.FormatChecker(),
    )
    validator.validate(response.json())


CASES = [
    ("/api/courses/", "/api/courses/"),
    ("/api/courses/", "/api/courses/?page=0"),
    ("/api/courses/", "/api/courses/?page=999"),
    ("/api/courses/", "/api/courses/?page_size=1"),
    ("/api/courses/", "/api/courses/?level=none"),
    ("/api/courses/{course}/", "/api/courses/shells/"),
    ("/api/courses/{course}/", "/api/courses/none/"),
    ("/api/lessons/", "/api/lessons/"),
    ("/api/lessons/", "/api/lessons/?page=-1"),
    ("/api/lessons/{course}/{slug}/", "/api/lessons/shells/pipes/"),
    ("/api/lessons/{course}/{slug}/", "/api/lessons/shells/secrets/"),
    ("/api/lessons/{course}/{slug}/", "/api/lessons/shells/fresh/"),
    ("/api/lessons/{course}/{slug}/", "/api/lessons/shells/broken/"),
    ("/api/lessons/{course}/{slug}/", "/api/lessons/shells/none/"),
]


@pytest.mark.parametrize(("path", "address"), CASES)
def test_every_answer_is_as_the_schema_says(client, schema, make_lesson, premium, path, address):
    make_lesson(language="ar", summary="")
    make_lesson("fresh", rendered=False)
    make_lesson("broken", body="<b>" * 5000, access=Tier.PREMIUM)
    Course.objects.create(slug="other", title="Other", level="advanced", status="published")
    check(schema, path, client.get(address))


def test_an_answer_that_the_schema_does_not_tell_of_would_be_noticed(client, schema, make_lesson):
    make_lesson()
    response = client.get("/api/lessons/shells/pipes/")
    body = response.json() | {"access": "none"}
    response.json = lambda: body
    with pytest.raises(jsonschema.ValidationError):
        check(schema, "/api/lessons/{course}/{slug}/", response)
