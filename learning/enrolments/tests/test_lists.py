"""A list of people is worked through line by line, whatever stands on it."""

import csv
import io
from datetime import UTC, datetime

import pytest

from academy.accounts.models import User
from academy.accounts.signals import person_anonymised
from academy.platform.steps import step_told
from learning.courses.models import Course, CourseStaff
from learning.enrolments import services
from learning.enrolments.errors import ListTooLargeError, ListUnreadableError
from learning.enrolments.models import Cohort, Enrolment, EnrolmentList, EnrolmentListLine
from learning.enrolments.selectors import line_sentence, list_of, list_sheet, my_enrolments
from learning.enrolments.services import enrolment_suspend, list_enrol, list_receive
from learning.enrolments.services.lists import lists_expire
from learning.enrolments.sheets import lines_of
from learning.enrolments.tests.conftest import release_of
from learning.releases.signals import release_published

FORMULA = "=cmd|'/c calc'!A1"


@pytest.fixture
def send(course, ingrid):
    def receive(text, by=None):
        data = text if isinstance(text, bytes) else text.encode()
        return list_receive(course=course, data=data, acting_user=by or ingrid)[0]

    return receive


@pytest.fixture
def address(db):
    """Somebody with this e-mail address."""

    def make(email, **values):
        return User.objects.create(username=email.split("@")[0], email=email, **values)

    return make


def outcomes(kept):
    return {
        line.number: line.code or line.outcome
        for line in EnrolmentListLine.objects.filter(list=kept)
    }


def test_every_line_gets_its_own_outcome_and_none_stops_the_rest(
    send, work, course, address, ingrid
):
    spring = Cohort.objects.create(course=course, name="Frühling")
    for name in ("ann", "bea", "cem", "dan", "eve", "fay"):
        address(f"{name}@example.org")
    enrolled = Enrolment.objects.create(
        course=course, person=User.objects.get(username="bea"), source="self"
    )
    suspended = Enrolment.objects.create(
        course=course, person=User.objects.get(username="cem"), source="self"
    )
    enrolment_suspend(enrolment=suspended, acting_user=ingrid)
    address("gone@example.org", is_active=False)
    kept = send(
        "E-Mail;Cohort;Expires;Remark\n"
        " ANN@example.org ;frühling;2927-03-31;x\n"
        "bea@example.org\n"
        "cem@example.org;;\n"
        "dan@example.org;Winter;\n"
        "eve@example.org;;31.3.2927\n"
        "\n"
        "fay@example.org;;2001-01-01\n"
        "no-body@example.org\n"
        "not an@address\n"
        "gone@example.org\n"
        f"{FORMULA}\n"
        "ann@example.org\n"
    )
    (job,) = work()
    assert job.status == "succeeded"
    assert outcomes(kept) == {
        2: "enrolled",
        3: "already",
        4: "enrolment_suspended",
        5: "unknown_cohort",
        6: "bad_date",
        8: "dates_reversed",
        9: "unknown_person",
        10: "bad_email",
        11: "unknown_person",
        12: "unknown_person",
        13: "already",
    }
    ann = Enrolment.objects.get(person__username="ann")
    assert (ann.cohort, ann.source, ann.enrolled_by) == (spring, "import", ingrid)
    assert ann.expires_at == datetime(2927, 4, 1, tzinfo=UTC)
    counted = list_of(course, kept.pk)
    assert (counted.enrolled_count, counted.already_count, counted.refused_count) == (1, 2, 8)
    assert counted.done_at is not None
    assert counted.text == ""
    enrolled.refresh_from_db()
    assert enrolled.source == "self"


def test_a_day_ends_where_the_sender_lives(send, work, address, ingrid):
    User.objects.filter(pk=ingrid.pk).update(time_zone="Asia/Kolkata")
    address("ann@example.org")
    send("email,expires\nann@example.org,2927-03-31\n")
    work()
    assert Enrolment.objects.get().expires_at == datetime(2927, 3, 31, 18, 30, tzinfo=UTC)


def test_seats_end_on_the_line_where_they_are_used_up(send, work, course, people):
    Course.objects.filter(pk=course.pk).update(seat_limit=2)
    people(4)
    kept = send("username\n" + "".join(f"learner{n}\n" for n in range(4)))
    work()
    assert list(outcomes(kept).values()) == ["enrolled", "enrolled", "course_full", "course_full"]


def test_a_second_run_goes_on_where_the_first_one_was_ended(send, course, people, ingrid, alice):
    people(6)
    kept = send("username\n" + "".join(f"learner{n}\n" for n in range(6)))
    steps = []

    class EndedError(Exception):
        pass

    def end_at_the_fourth(percent, step):
        steps.append((percent, step))
        if len(steps) == 4:
            raise EndedError

    with pytest.raises(EndedError):
        list_enrol(list_id=kept.pk, report=end_at_the_fourth)
    assert Enrolment.objects.count() == 3
    assert EnrolmentList.objects.get().done_at is None
    assert list_enrol(list_id=kept.pk, report=lambda _percent, _step: None) == 3
    assert list_enrol(list_id=kept.pk, report=lambda _percent, _step: None) == 0
    assert set(outcomes(kept).values()) == {"enrolled"}
    assert Enrolment.objects.count() == 6
    percent, step = steps[0]
    assert (percent, step_told(step)) == (pytest.approx(100 / 6), "Line 2 of 6")


def test_who_may_no_longer_manage_the_class_enrols_nobody(send, work, course, address, ivan):
    address("ann@example.org")
    post = CourseStaff.objects.create(course=course, person=ivan, role="co_instructor")
    send("email\nann@example.org\n", by=ivan)
    post.delete()
    (job,) = work()
    assert (job.status, job.error_code) == ("failed", "permission_denied")
    assert not Enrolment.objects.exists()


def test_who_loses_the_class_on_the_way_enrols_nobody_from_then_on(
    send, course, people, ivan, ingrid
):
    people(6)
    post = CourseStaff.objects.create(course=course, person=ivan, role="co_instructor")
    kept = send("username\n" + "".join(f"learner{n}\n" for n in range(6)), by=ivan)
    told = []

    def lose_it_at_the_third(_percent, step):
        told.append(step)
        if len(told) == 3:
            CourseStaff.objects.filter(pk=post.pk).update(role="assistant")

    assert list_enrol(list_id=kept.pk, report=lose_it_at_the_third) == 6
    assert list(outcomes(kept).values()) == ["enrolled"] * 2 + ["sender_not_allowed"] * 4
    assert Enrolment.objects.count() == 2
    counted = list_of(course, kept.pk)
    assert (counted.refused_count, counted.waiting_count) == (4, 0)
    assert counted.done_at is not None
    said = line_sentence(kept.lines.last())
    assert said == "Who sent the list may not enrol people in this course any more."


@pytest.mark.parametrize(
    "lost", [{"is_active": False}, {"role": "learner"}], ids=["gone", "no operator"]
)
def test_an_operator_of_yesterday_enrols_nobody_from_a_list_that_was_begun(
    send, work, people, olga, lost
):
    people(3)
    kept = send("username\n" + "".join(f"learner{n}\n" for n in range(3)), by=olga)

    def begin(_percent, _step):
        User.objects.filter(pk=olga.pk).update(**lost)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list_enrol(list_id=kept.pk, report=begin)
    (job,) = work()
    assert job.status == "succeeded"
    assert set(outcomes(kept).values()) == {"sender_not_allowed"}
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"email\n" + b"x" * 1_000_000, ListTooLargeError),
        ("email\n" + "a@b.example\n" * 5_001, ListTooLargeError),
        (b"email\xff\na@b.example\n", ListUnreadableError),
        ("email\x00\na@b.example\n", ListUnreadableError),
        ("", ListUnreadableError),
        ("\n\n\n", ListUnreadableError),
        ("email\n \n;;\n", ListUnreadableError),
        ("name;cohort\nAnn;Spring\n", ListUnreadableError),
        ("ann@example.org\nbob@example.org\n", ListUnreadableError),
    ],
)
def test_what_is_no_list_is_refused_whole_and_leaves_nothing(send, data, error):
    with pytest.raises(error):
        send(data)
    assert not EnrolmentList.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "email,cohort\na@x.example,S\nb@x.example,\n",
        "\ufeffemail,cohort\r\na@x.example,S\r\nb@x.example\r\n",
        "Cohort;EMAIL\rS;a@x.example\r;b@x.example",
        'email\tcohort\n"a@x.example"\tS\n\n\nb@x.example\t\n',
    ],
)
def test_spreadsheets_write_lists_in_many_ways(text):
    assert [(line.who, line.cohort) for line in lines_of(text)] == [
        ("a@x.example", "S"),
        ("b@x.example", ""),
    ]


def test_a_quote_that_is_not_closed_spoils_its_own_line_alone():
    long = "x" * 200_000
    lines = lines_of(f'email,cohort\n"a@x.example,S\nb@x.example,S\n{long}\nc@x.example\n')
    assert [(line.number, line.who) for line in lines] == [
        (2, "a@x.example,S"),
        (3, "b@x.example"),
        (4, long[:254]),
        (5, "c@x.example"),
    ]


def test_the_report_as_a_sheet_computes_nothing(send, work, course):
    kept = send(f"email;cohort\n{FORMULA};+1\n\uff1d1+1;日本\n")
    work()
    sheet = list_sheet(list_of(course, kept.pk))
    rows = list(csv.reader(io.StringIO(sheet.removeprefix("\ufeff"), newline="")))
    assert rows[1][:3] == ["2", f"'{FORMULA}", "'+1"]
    assert rows[2][1:3] == ["'\uff1d1+1", "日本"]
    assert rows[1][4:] == ["refused", "unknown_person", line_sentence(kept.lines.first())]


def test_a_date_that_cannot_be_read_asks_for_its_form(send, work, address):
    address("ann@example.org")
    kept = send("email;expires\nann@example.org;31.3.2027\nnot-an-address;\n")
    work()
    date, word = kept.lines.order_by("number")
    assert date.code == "bad_date"
    assert "in the form 2027-03-31" in line_sentence(date)
    assert word.code == "unknown_person"


def test_lists_are_let_go_by_age(send, work, shift_row):
    kept = send("email\nann@example.org\n")
    young = send("email\nbob@example.org\n")
    work()
    shift_row(kept, sent_at=-91 * 86_400)
    lists_expire()
    assert list(EnrolmentList.objects.all()) == [young]


def test_who_leaves_the_academy_is_in_no_course_and_on_no_list(send, work, course, address, people):
    ann = address("ann@example.org")
    kept = send("email\nANN@example.org\nann@example.org\n")
    work()
    person_anonymised.send(
        sender=None, person_id=ann.pk, username="ann", addresses=("ann@example.org",)
    )
    left = my_enrolments(ann).get()
    assert (left.status, left.state) == ("active", "ended")
    assert [line.who for line in kept.lines.all()] == ["", ""]


def test_the_first_release_is_the_start_of_those_who_waited_for_it(course, alice, ingrid):
    services.enrolment_by_staff(course=course, person=alice, acting_user=ingrid)
    from_signal = release_of(course, [])
    release_published.send(sender=None, release_id=from_signal.pk, course_id=course.pk)
    assert Enrolment.objects.get().release_id == from_signal.pk
