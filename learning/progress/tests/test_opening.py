"""Open pages hear that lessons open at another time."""

from datetime import UTC, datetime

import pytest

from academy.accounts.models import User
from learning.enrolments.models import Cohort, Enrolment
from learning.enrolments.services import (
    NewRule,
    cohort_delete,
    cohort_save,
    drip_override_clear,
    drip_override_set,
    drip_rules_set,
)
from learning.progress.live import class_versions, progress_frames, progress_versions
from learning.progress.models import CourseProgress
from learning.progress.services import openings_follow, progress_refresh

pytestmark = pytest.mark.django_db

FAR = datetime(2999, 3, 3, tzinfo=UTC)
WEEK = NewRule(kind="after_days", days=7)


@pytest.fixture
def seats(seat, enrol, bob, course):
    """Alice alone, and bob in a cohort."""
    cohort = Cohort.objects.create(course=course, name="秋のクラス")
    his = enrol(bob)
    Enrolment.objects.filter(pk=his.pk).update(cohort=cohort)
    return {"alice": str(seat.pk), "bob": str(his.pk)}


@pytest.fixture
def told(seats):
    """Who was told since it was asked last, by name."""
    known = dict(progress_versions(list(seats.values())))

    def since():
        now = progress_versions(list(seats.values()))
        names = {name for name, key in seats.items() if now[key] > known[key]}
        known.update(now)
        return names

    return since


def is_open(key, lesson):
    lessons = progress_frames([key])[key].data["lessons"]
    return next(row["is_open"] for row in lessons if row["lesson"].endswith(f"/{lesson.slug}"))


def test_a_rule_is_told_to_everybody_with_what_is_closed_now(seats, told, lessons, ingrid):
    drip_rules_set(lesson=lessons["two"], rules=[WEEK], acting_user=ingrid)
    assert told() == {"alice", "bob"}
    assert not is_open(seats["alice"], lessons["two"])

    drip_rules_set(lesson=lessons["two"], rules=[], acting_user=ingrid)
    assert told() == {"alice", "bob"}
    assert is_open(seats["alice"], lessons["two"])


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_an_exception_is_told_to_whom_it_concerns(seats, told, lessons, ingrid, who):
    drip_rules_set(lesson=lessons["two"], rules=[WEEK], acting_user=ingrid)
    told()
    enrolment = Enrolment.objects.get(pk=seats[who])
    whose = {"cohort": enrolment.cohort} if enrolment.cohort else {"enrolment": enrolment}

    override = drip_override_set(lesson=lessons["two"], opens_at=None, acting_user=ingrid, **whose)
    assert told() == {who}
    assert is_open(seats[who], lessons["two"])

    for expected in ({who}, set()):
        drip_override_clear(override=override, acting_user=ingrid)
        assert told() == expected
    assert not is_open(seats[who], lessons["two"])


def test_a_cohort_that_moves_or_goes_is_told_to_its_people(seats, told, lessons, ingrid):
    cohort = Enrolment.objects.get(pk=seats["bob"]).cohort
    drip_override_set(lesson=lessons["two"], cohort=cohort, opens_at=FAR, acting_user=ingrid)
    told()

    cohort.name = "春"
    cohort_save(cohort=cohort, acting_user=ingrid)
    assert told() == set()
    cohort.starts_at = FAR
    cohort_save(cohort=cohort, acting_user=ingrid)
    assert told() == {"bob"}
    cohort_delete(cohort=cohort, acting_user=ingrid)
    assert told() == {"bob"}
    assert is_open(seats["bob"], lessons["two"])


def test_a_refused_rule_is_told_to_nobody(seats, told, lessons, ingrid):
    wrong = NewRule(kind="after_lesson", after=lessons["two"])

    with pytest.raises(Exception, match="wait for each other"):
        drip_rules_set(lesson=lessons["two"], rules=[wrong], acting_user=ingrid)
    assert told() == set()


def test_nobody_has_got_further_for_the_class(seats, course, lessons, ingrid):
    key = str(course.pk)
    before = class_versions([key])

    drip_rules_set(lesson=lessons["two"], rules=[WEEK], acting_user=ingrid)

    assert class_versions([key]) == before


@pytest.mark.parametrize("topics", [{"is_few": True}, {"is_few": False}])
def test_pages_are_told_at_once_and_those_of_a_crowd_by_the_sweep(
    seats, course, monkeypatch, topics
):
    said = []
    monkeypatch.setattr("learning.progress.services.refreshing.publish_on_commit", said.append)
    if not topics["is_few"]:
        monkeypatch.setattr("learning.progress.services.refreshing._BATCH_ROWS", 1)

    openings_follow(course_id=course.pk, enrolment_id=None, cohort_id=None)
    assert sorted(said) == sorted(f"progress:{key}" for key in seats.values() if topics["is_few"])


def test_a_crowd_is_told_in_two_statements(course, lessons, release, django_assert_num_queries):
    people = User.objects.bulk_create(User(username=f"crowd{n}") for n in range(600))
    rows = Enrolment.objects.bulk_create(
        Enrolment(course=course, person=one, source="self") for one in people
    )
    for enrolment in rows[:3]:
        progress_refresh(enrolment_id=enrolment.pk)

    before = sum(CourseProgress.objects.values_list("seq", flat=True))
    with django_assert_num_queries(4):  # Two of them are the transaction's.
        openings_follow(course_id=course.pk, enrolment_id=None, cohort_id=None)
    assert sum(CourseProgress.objects.values_list("seq", flat=True)) == before + 3
