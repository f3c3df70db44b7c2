"""Whatever is sent as a list of people, nobody waits for it to be read."""

import json
from time import thread_time

import pytest
from django.db import connection

from learning.courses.models import CourseStaff
from learning.enrolments.errors import ListTooLargeError, ListUnreadableError
from learning.enrolments.sheets import MAX_LIST_LINES, lines_of, list_text

LISTS = "/api/courses/shells/enrolment-lists/"
PEOPLE = "".join(f"p{n}@example.org\n" for n in range(MAX_LIST_LINES))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("email" + "\n" * 990_000, ListUnreadableError),
        ("email" + "\r" * 990_000 + "a@x.example", ListTooLargeError),
        ("email\n" + '"' + 'a,"\n' * 190_000, ListTooLargeError),
        ("email\n" + "a\n" * 490_000, ListTooLargeError),
        ("email\n" + "\n" * 990_000 + '"a', ListTooLargeError),
        ("x," * 490_000 + "email\na@x.example", ListUnreadableError),
        ("email;x\n" + ";\n" * 490_000, ListUnreadableError),
    ],
    ids=["empty", "between", "quoted", "short", "unclosed", "wide", "separators"],
)
def test_what_is_no_list_is_known_at_once_however_many_rows_it_has(text, error):
    began = thread_time()
    with pytest.raises(error):
        list_text(text.encode())
    assert thread_time() - began < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "email\n" + PEOPLE,
        "email\r\n" + PEOPLE.replace("\n", "\r\n") + "\r\n" * 50_000,
        "email;cohort\n" + PEOPLE + " ; \n" * 50_000,
        "email\n" + PEOPLE.replace("\n", "\n\n"),
        "email,x\n" + PEOPLE.replace("\n", ',"a\nb"\n'),
    ],
    ids=["plain", "empty end", "separators at the end", "gaps", "two rows each"],
)
def test_the_longest_list_may_have_gaps_and_an_empty_end(text):
    lines = lines_of(text)
    assert len(lines) == MAX_LIST_LINES
    assert (lines[0].who, lines[-1].who) == ("p0@example.org", "p4999@example.org")
    with pytest.raises(ListTooLargeError):
        lines_of(text.rstrip(" ;\r\n") + "\none-more@example.org\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_a_list_is_read_before_anybody_else_has_to_wait_to_write(
    client, bearer, course, ingrid, person, headers
):
    amy = person("amy")
    CourseStaff.objects.create(course=course, person=amy, role="assistant")
    held = []

    def note(execute, *args):
        held.append(connection.in_atomic_block)
        return execute(*args)

    def send(by, text):
        return client.post(
            LISTS,
            json.dumps({"csv": text}),
            content_type="application/json",
            headers={**bearer(by), **headers},
        )

    with connection.execute_wrapper(note):
        assert send(ingrid, "name\nAnn\n").status_code == 400
        # Who may not send any is told nothing of what they sent.
        assert send(amy, "name\nAnn\n").status_code == 403
    assert held
    assert not any(held)
    assert send(ingrid, "email\nann@example.org\n").status_code == 202
