"""What somebody else changed or deleted meanwhile stays changed, or deleted."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from academy.accounts.models import Role, User
from learning.courses.models import Course, Status
from learning.enrolments import services
from learning.enrolments.errors import (
    CohortNotFoundError,
    DatesReversedError,
    EnrolmentNotFoundError,
    RuleUnusableError,
)
from learning.enrolments.models import Cohort, DripOverride, DripRule, Enrolment, EnrolmentKey
from learning.enrolments.tests.test_crowds import patiently
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson
from learning.lessons.services import lessons_delete

ROUNDS = 6


def at(day):
    return datetime(2927, 1, day, tzinfo=UTC)


def at_once(*acts):
    """What each answered, or the class of its refusal; they begin together."""
    start = Barrier(len(acts))

    def run(act):
        start.wait(60)
        try:
            return patiently(lambda _none: act(), None)
        except (CohortNotFoundError, LessonNotFoundError, RuleUnusableError) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def spring(course):
    return Cohort.objects.create(course=course, name="Spring")


def test_a_cohort_that_was_deleted_meanwhile_takes_nobody_and_nothing(
    course, lessons, spring, enrolled, bob, ingrid
):
    stale = Cohort.objects.get()
    services.cohort_delete(cohort=spring, acting_user=ingrid)
    stale.name = "Summer"
    for act in (
        lambda: services.cohort_save(cohort=stale, acting_user=ingrid, fields=["name"]),
        lambda: services.cohort_delete(cohort=stale, acting_user=ingrid),
        lambda: services.key_make(course=course, cohort=stale, acting_user=ingrid),
        lambda: services.enrolment_by_staff(
            course=course, person=bob, cohort=stale, acting_user=ingrid
        ),
        lambda: services.enrolment_reschedule(
            enrolment=enrolled, expires_at=None, cohort=stale, acting_user=ingrid
        ),
        lambda: services.drip_override_set(
            lesson=lessons[0], cohort=stale, opens_at=None, acting_user=ingrid
        ),
    ):
        with pytest.raises(CohortNotFoundError):
            act()
    assert not Cohort.objects.exists()
    assert not EnrolmentKey.objects.exists()
    assert not DripOverride.objects.exists()
    assert list(Enrolment.objects.values_list("person__username", "cohort")) == [("alice", None)]


def test_a_lesson_or_learner_that_is_gone_has_no_exception_and_no_rule(
    course, enrolled, ingrid, bob
):
    gone, kept = (Lesson.objects.create(course=course, slug=slug, title=slug) for slug in "ab")
    Lesson.objects.filter(pk=gone.pk).delete()
    left = Enrolment.objects.create(course=course, person=bob, source="self")
    Enrolment.objects.filter(pk=left.pk).delete()
    rule = services.NewRule(kind="after_lesson", after=gone)
    values = {"opens_at": None, "acting_user": ingrid}
    with pytest.raises(LessonNotFoundError):
        services.drip_override_set(lesson=gone, enrolment=enrolled, **values)
    with pytest.raises(EnrolmentNotFoundError):
        services.drip_override_set(lesson=kept, enrolment=left, **values)
    with pytest.raises(LessonNotFoundError):
        services.drip_rules_set(lesson=gone, rules=[], acting_user=ingrid)
    with pytest.raises(RuleUnusableError):
        services.drip_rules_set(lesson=kept, rules=[rule], acting_user=ingrid)
    assert not DripOverride.objects.exists()
    assert not DripRule.objects.exists()


def test_of_a_cohort_and_an_enrolment_only_what_is_named_changes(spring, enrolled, ingrid):
    other = Cohort.objects.get()
    other.name, other.starts_at = "Autumn", at(9)
    services.cohort_save(cohort=other, acting_user=ingrid)
    spring.ends_at = at(20)
    saved = services.cohort_save(cohort=spring, acting_user=ingrid, fields=["ends_at"])
    assert (saved.name, saved.starts_at, saved.ends_at) == ("Autumn", at(9), at(20))
    spring.ends_at = at(8)
    with pytest.raises(DatesReversedError):
        services.cohort_save(cohort=spring, acting_user=ingrid, fields=["ends_at"])
    stale = Enrolment.objects.get()
    none = {"expires_at": None, "cohort": None, "acting_user": ingrid}
    services.enrolment_reschedule(
        **{**none, "enrolment": enrolled, "expires_at": at(15)}, fields=["expires_at"]
    )
    moved = services.enrolment_reschedule(
        **{**none, "enrolment": stale, "cohort": spring}, fields=["cohort"]
    )
    assert (moved.expires_at, moved.cohort) == (at(15), spring)
    # The cohort begins when it begins now, whatever was read of it.
    with pytest.raises(DatesReversedError):
        services.enrolment_reschedule(
            **{**none, "enrolment": stale, "expires_at": at(9)}, fields=["expires_at"]
        )


@pytest.fixture
def class_of_threads(for_threads):
    ingrid = User.objects.create(username="ingrid", role=Role.INSTRUCTOR)
    bob = User.objects.create(username="bob")
    course = Course.objects.create(
        slug="shells", title="Shells", owner=ingrid, status=Status.PUBLISHED
    )
    enrolment = Enrolment.objects.create(course=course, person=bob, source="self")
    return course, ingrid, enrolment


def test_beside_its_deletion_a_cohort_is_there_or_is_not_and_never_comes_back(class_of_threads):
    course, ingrid, enrolment = class_of_threads
    lesson = Lesson.objects.create(course=course, slug="pipes", title="Pipes")
    for number in range(ROUNDS):
        cohort = Cohort.objects.create(course=course, name=f"{number}")
        renamed = Cohort.objects.get(pk=cohort.pk)
        renamed.name = f"new {number}"
        person = User.objects.create(username=f"p{number}")
        into = {"cohort": cohort, "acting_user": ingrid}
        answers = at_once(
            partial(services.cohort_delete, **into),
            partial(services.cohort_save, cohort=renamed, acting_user=ingrid),
            partial(services.key_make, course=course, **into),
            partial(services.enrolment_by_staff, course=course, person=person, **into),
            partial(services.enrolment_reschedule, enrolment=enrolment, expires_at=None, **into),
            partial(services.drip_override_set, lesson=lesson, opens_at=None, **into),
        )
        assert answers[0] is None
        assert not Cohort.objects.exists()
        assert not DripOverride.objects.exists()
        for model in (Enrolment, EnrolmentKey):
            assert not model.objects.exclude(cohort=None).exists()


def test_beside_its_deletion_a_lesson_gets_an_exception_or_is_missing(class_of_threads):
    course, ingrid, enrolment = class_of_threads
    by = {"acting_user": ingrid}
    for number in range(ROUNDS):
        lesson, later = (
            Lesson.objects.create(course=course, slug=f"{name}{number}", title=name)
            for name in ("pipes", "loops")
        )
        rule = services.NewRule(kind="after_lesson", after=lesson)
        answers = at_once(
            partial(lessons_delete, lessons=Lesson.objects.filter(pk=lesson.pk)),
            partial(
                services.drip_override_set,
                lesson=lesson,
                enrolment=enrolment,
                opens_at=None,
                **by,
            ),
            partial(services.drip_rules_set, lesson=lesson, rules=[], **by),
            partial(services.drip_rules_set, lesson=later, rules=[rule], **by),
        )
        assert answers[0] is None
        assert not Lesson.objects.filter(pk=lesson.pk).exists()
        assert not DripOverride.objects.exists()
        assert not DripRule.objects.exists()


@pytest.mark.usefixtures("cache")
def test_changes_of_several_people_at_once_all_hold(class_of_threads, bearer):
    course, ingrid, enrolment = class_of_threads
    spring, autumn = (Cohort.objects.create(course=course, name=name) for name in "SA")
    headers = bearer(ingrid)

    def patch(path, **values):
        def send():
            answer = Client().patch(
                path, json.dumps(values), content_type="application/json", headers=headers
            )
            return answer.status_code

        return send

    for number in range(1, ROUNDS + 1):
        of_cohort = f"/api/courses/shells/cohorts/{spring.pk}/"
        of_enrolment = f"/api/enrolments/{enrolment.pk}/"
        chosen = (spring, autumn)[number % 2]
        answers = at_once(
            patch(of_cohort, name=f"N{number}"),
            patch(of_cohort, starts_at=at(number).isoformat()),
            patch(of_cohort, ends_at=at(10 + number).isoformat()),
            patch(of_enrolment, cohort=chosen.pk),
            patch(of_enrolment, expires_at=at(20 + number).isoformat()),
        )
        assert answers == [200] * 5
        spring.refresh_from_db()
        enrolment.refresh_from_db()
        assert (spring.name, spring.starts_at.day, spring.ends_at.day) == (
            f"N{number}",
            number,
            10 + number,
        )
        assert (enrolment.cohort_id, enrolment.expires_at.day) == (chosen.pk, 20 + number)
