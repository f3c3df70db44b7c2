"""The file of one's own data has what every room holds of a person, and nothing of another's."""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.accounts.portrait import sections
from exports.people.writing import write_portrait
from learning.courses.models import Course, CourseFigure, CourseGrant, CourseStaff
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.lessons.models import LessonRevision
from learning.releases.models import Release, ReleaseLesson
from notifications.email.models import OutgoingMail

MOMENT = datetime(2027, 3, 1, 9, tzinfo=UTC)
ROOMS = {
    "courses", "posts", "grants", "exceptions", "keys", "lists", "list-lines", "releases", "mails",
}  # fmt: skip


def mailed(to, subject):
    OutgoingMail.objects.create(
        sender="academy@example.org", recipients=[to], subject=subject, text=f"secret of {subject}"
    )


def released(lesson):
    """The lesson is one that readers know."""
    course = lesson.course
    release = Release.objects.create(
        course=course, number=1, title="R", language="en", lesson_count=1, required_count=1
    )
    revision = LessonRevision.objects.create(
        lesson=lesson, content_hash=f"{lesson.pk:064d}", title=lesson.title, language="en",
        access="free", course_slug=course.slug, course_title=course.title,
    )  # fmt: skip
    ReleaseLesson.objects.create(release=release, lesson=lesson, revision=revision, position=0)
    Course.objects.filter(pk=course.pk).update(newest_release=release)


def everything_of(person, lesson, word, n=0):
    """A row of each kind; `word` marks all that somebody wrote, and `n` tells the rounds apart."""
    own = Course.objects.create(slug=f"{person}-own-{n}", title=f"{word} {n}", owner=person)
    figure = {"digest": "f" * 64, "content_type": "image/svg+xml", "size": 1}
    own.cover = CourseFigure.objects.create(course=own, name=f"{word}.svg", **figure)
    own.save()
    other = Course.objects.create(slug=f"{person}-helped-{n}", title=f"{word} assisted")
    CourseStaff.objects.create(course=other, person=person, role="assistant")
    CourseGrant.objects.create(course=other, person=person)
    enrolment = Enrolment.objects.create(course=other, person=person, source="import")
    lesson.pk, lesson.course, lesson.slug = None, other, f"{person}-exempt-{n}"
    lesson.save()
    released(lesson)
    DripOverride.objects.create(lesson=lesson, enrolment=enrolment, opens_at=MOMENT)
    cohort = Cohort.objects.create(course=other, name=f"{word} {n}")
    EnrolmentKey.objects.create(
        course=other, cohort=cohort, key=f"credential {word} {n}", max_uses=7, created_by=person
    )
    Release.objects.create(
        course=own, number=1, author=person, title=word, note=f"{word} is new",
        language="en", lesson_count=1, required_count=1,
    )  # fmt: skip
    EnrolmentList.objects.create(course=own, sent_by=person, line_count=3, done_at=MOMENT)
    sent = EnrolmentList.objects.create(course=other, sent_by=None, line_count=2)
    lines = ((enrolment, word, "enrolled"), (None, person.email.upper(), "refused"))
    for number, (who_came, who, outcome) in enumerate(lines, start=1):
        EnrolmentListLine.objects.create(
            list=sent, number=number, who=who, outcome=outcome, enrolment=who_came
        )
    mailed(person.email.upper(), f"{word} {n}")


@pytest.fixture
def alice(alice):
    alice.email = "alice@example.org"
    alice.save()
    return alice


@pytest.fixture
def bob(bob):
    bob.email = "bob@example.org"
    bob.save()
    return bob


def portrait(person):
    """The text of each file in the ZIP, without the clock and the list of jobs."""
    file = io.BytesIO()
    write_portrait(
        target=file, person_id=person.pk, sections=sections(), report=lambda percent, step: None
    )
    archive = zipfile.ZipFile(file)
    return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize(
    ("hers", "his"), [("潮の満ち引き", "المد والجزر"), ("المد والجزر", "潮の満ち引き")]
)
def test_a_person_with_everything_finds_each_thing_and_nothing_of_anothers(
    alice, bob, lesson, hers, his
):
    everything_of(alice, lesson, hers)
    everything_of(bob, lesson, his)
    files = portrait(alice)
    found = {name: json.loads(files[f"{name}.json"]) for name in ROOMS}

    (owned,) = found["courses"]
    assert (owned["course"], owned["title"]) == ("alice-own-0", f"{hers} 0")
    assert owned["cover"] == f"{hers}.svg"
    (post,) = found["posts"]
    assert (post["course"], post["title"]) == ("alice-helped-0", f"{hers} assisted")
    assert (post["role"], post["what"]) == ("assistant", "Assistant: sees, but does not edit")
    assert [grant["course"] for grant in found["grants"]] == ["alice-helped-0"]
    (exception,) = found["exceptions"]
    assert (exception["lesson"], exception["at_once"]) == ("alice-exempt-0", False)
    assert exception["opens_at"] == "2027-03-01T09:00:00Z"
    (key,) = found["keys"]
    assert (key["course"], key["cohort"], key["most_uses"]) == ("alice-helped-0", f"{hers} 0", 7)
    assert [(one["course"], one["lines"]) for one in found["lists"]] == [("alice-own-0", 3)]
    assert [(line["who"], line["outcome"]) for line in found["list-lines"]] == [
        (hers, "enrolled"),
        ("ALICE@EXAMPLE.ORG", "refused"),
    ]
    (release,) = found["releases"]
    assert (release["title"], release["what_is_new"]) == (hers, f"{hers} is new")
    (mail,) = found["mails"]
    assert (mail["to"], mail["subject"]) == ("ALICE@EXAMPLE.ORG", f"{hers} 0")

    text = "".join(files.values())
    assert hers in files["index.html"]
    for foreign in (his, "bob", "BOB", "credential", "secret of"):
        assert foreign not in text


def test_an_address_that_waits_to_be_confirmed_finds_nothing_of_its_owners(alice, bob, lesson):
    everything_of(bob, lesson, "潮")
    EmailAddress.objects.create(user=alice, email="bob@example.org", verified=False)
    EnrolmentListLine.objects.update(enrolment=None)
    files = portrait(alice)
    assert json.loads(files["mails.json"]) == []
    assert json.loads(files["list-lines.json"]) == []


def test_a_line_that_enrolled_somebody_else_is_theirs(alice, bob, lesson):
    everything_of(bob, lesson, "alice")
    lines = json.loads(portrait(alice)["list-lines.json"])
    assert lines == []


def test_the_queries_do_not_grow_with_the_rows(alice, lesson):
    counted = []
    for n in range(5):
        everything_of(alice, lesson, "潮", n)
        if n in {0, 4}:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                files = portrait(alice)
            counted.append(len(queries))
    assert all(len(json.loads(files[f"{name}.json"])) >= 5 for name in ROOMS)
    assert counted[0] == counted[1]
