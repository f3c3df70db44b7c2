"""Who deletes their account is on no list, under none of the names that they went by."""

import pytest
from allauth.account.models import EmailAddress

from academy.accounts.models import User
from academy.accounts.services.departures import person_anonymise
from learning.courses.models import Course
from learning.enrolments.models import Enrolment, EnrolmentList, EnrolmentListLine
from learning.enrolments.services import list_receive


@pytest.fixture
def send(course, ingrid):
    def receive(text):
        return list_receive(course=course, data=text.encode(), acting_user=ingrid)[0]

    return receive


@pytest.fixture(params=["ann", "jörg", "a.n+n"])
def leaver(request, people):
    """Has two addresses; others have names in which theirs stand."""
    name = request.param
    for other in (f"{name}e", f"jo{name}"):
        User.objects.create(username=other, email=f"{other}@example.org")
    made = User.objects.create(username=name, email=f"{name}@example.org")
    EmailAddress.objects.create(user=made, email="second@example.org", verified=True)
    return made


def said(kept):
    return {
        line.number: (line.who, line.code or line.outcome)
        for line in EnrolmentListLine.objects.filter(list=kept)
    }


def test_lines_that_were_refused_lose_every_name_of_who_leaves(send, work, course, leaver):
    Course.objects.filter(pk=course.pk).update(seat_limit=0)
    name = leaver.username
    kept = send(
        f"username\n{name}\n{name.upper()}@Example.org\nSECOND@example.org\n"
        f"{name.upper()}\n{name}e\njo{name}@example.org\n"
    )
    work()
    assert set(said(kept).values()) >= {(name, "course_full"), (name.upper(), "course_full")}
    person_anonymise(person_id=leaver.pk)
    assert [line.who for line in kept.lines.all()] == [
        "",
        "",
        "",
        "",
        f"{name}e",
        f"jo{name}@example.org",
    ]


def test_a_list_that_waits_names_nobody_who_leaves_before_it_is_read(send, work, leaver):
    name = leaver.username
    waits = send(
        f"remark;username\nx;{name.upper()}\n\n{name};{name}e\n"
        f'"two\nrows";SECOND@example.org\nx; {name}@example.org \n'
    )
    other = send(f"username\njo{name}\n")
    User.objects.filter(username=f"jo{name}").update(display_name="stays")
    person_anonymise(person_id=leaver.pk)
    assert EnrolmentList.objects.get(pk=waits.pk).text == ""
    assert not EnrolmentListLine.objects.filter(who__icontains="second").exists()
    work()
    assert said(waits) == {
        2: ("", "unknown_person"),
        4: (f"{name}e", "enrolled"),
        6: ("", "unknown_person"),
        7: ("", "unknown_person"),
    }
    assert said(other) == {2: (f"jo{name}", "enrolled")}
    assert Enrolment.objects.count() == 2


def test_a_list_that_is_none_any_more_keeps_no_name_and_stops_nobody_from_leaving(
    course, ingrid, leaver
):
    # As one that was kept before lists had so few rows.
    text = "email\n" + "\n" * 50_000 + f"{leaver.email}\n"
    kept = EnrolmentList.objects.create(course=course, sent_by=ingrid, text=text)
    person_anonymise(person_id=leaver.pk)
    kept.refresh_from_db()
    assert (kept.text, kept.line_count) == ("", None)


def test_lists_that_name_others_wait_as_they_were_sent(send, leaver):
    kept = send("email\nsomebody@example.org\n")
    person_anonymise(person_id=leaver.pk)
    kept.refresh_from_db()
    assert (kept.text, kept.line_count) == ("email\nsomebody@example.org\n", None)
