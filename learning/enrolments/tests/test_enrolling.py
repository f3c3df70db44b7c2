"""Who gets in, how, and only once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from academy.platform.errors import NotFoundError
from learning.courses.models import Course, Status, Visibility
from learning.enrolments.errors import (
    CourseFullError,
    CourseNotOpenError,
    DatesReversedError,
    DateUnusableError,
    EnrolmentBarredError,
    EnrolmentSuspendedError,
    ForeignRowError,
    KeyNeededError,
    KeyRefusedError,
)
from learning.enrolments.models import Cohort, Enrolment, EnrolmentKey
from learning.enrolments.services import (
    cohort_save,
    enrolment_by_staff,
    enrolment_reschedule,
    enrolment_resume,
    enrolment_self,
    enrolment_suspend,
    enrolment_with_key,
    enrolment_withdraw,
    enrolments_pin,
    key_make,
    key_revoke,
)
from learning.enrolments.signals import enrolment_changed
from learning.enrolments.tests.conftest import release_of
from learning.rights.selectors import standing_of


def put(course, **values):
    Course.objects.filter(pk=course.pk).update(**values)
    course.refresh_from_db()


@pytest.fixture
def heard():
    """What receivers of `enrolment_changed` were told."""
    calls = []

    def hear(*, enrolment_id, course_id, **_kwargs):
        calls.append((enrolment_id, course_id))

    enrolment_changed.connect(hear)
    yield calls
    enrolment_changed.disconnect(hear)


def test_whoever_sees_a_free_course_enrols_themselves_and_has_a_seat(course, alice, heard):
    enrolment = enrolment_self(course=course, person=alice)
    assert enrolment.source == "self"
    assert standing_of(alice).seat_in(course.pk).enrolment_id == enrolment.pk
    assert heard == [(enrolment.pk, course.pk)]


def test_enrolling_twice_is_one_enrolment_and_one_signal(course, alice, heard):
    first = enrolment_self(course=course, person=alice)
    again = enrolment_self(course=course, person=alice)
    assert again.pk == first.pk
    assert again.changed_at == first.changed_at
    assert len(heard) == Enrolment.objects.count() == 1


def test_the_release_at_the_start_is_kept_through_later_ones(course, lessons, alice, ingrid):
    first = course.newest_release
    enrolment = enrolment_self(course=course, person=alice)
    release_of(course, lessons, number=2)
    enrolment_withdraw(enrolment=enrolment, acting_user=alice)
    again = enrolment_self(course=course, person=alice)
    assert again.release_id == first.pk


def test_who_came_before_the_first_release_starts_on_it(course, alice, lessons, ingrid):
    put(course, newest_release=None)
    enrolment = enrolment_by_staff(course=course, person=alice, acting_user=ingrid)
    assert enrolment.release_id is None
    release = release_of(course, lessons, number=2)
    assert enrolments_pin(course_id=course.pk, release_id=release.pk) == 1
    enrolment.refresh_from_db()
    assert enrolment.release_id == release.pk


def test_a_draft_is_missing_for_strangers_and_not_open_for_its_staff(course, alice, ingrid):
    put(course, status=Status.DRAFT)
    with pytest.raises(NotFoundError):
        enrolment_self(course=course, person=alice)
    with pytest.raises(CourseNotOpenError):
        enrolment_self(course=course, person=ingrid)
    assert enrolment_by_staff(course=course, person=alice, acting_user=ingrid).pk


def test_a_priced_course_needs_a_key(course, alice):
    put(course, price=4900)
    with pytest.raises(KeyNeededError):
        enrolment_self(course=course, person=alice)


def test_a_course_for_enrolled_people_is_missing_without_a_key_and_opens_with_one(
    course, alice, bob, ingrid
):
    put(course, visibility=Visibility.ENROLLED)
    key_make(course=course, acting_user=ingrid, key="Ключ дня")
    with pytest.raises(NotFoundError):
        enrolment_self(course=course, person=alice)
    assert enrolment_self(course=course, person=alice, key=" ключ ДНЯ ").source == "key"
    enrolment, _new = enrolment_with_key(course_name=str(course.pk), person=bob, key="КЛЮЧ дня")
    assert enrolment.course_id == course.pk


@pytest.mark.parametrize("name", ["shells", "no-such-course", "draft", "9" * 30, "", "a\x00b"])
def test_a_wrong_key_and_an_unknown_course_get_the_same_refusal(course, alice, ingrid, name):
    draft = Course.objects.create(slug="draft", title="Draft", owner=ingrid)
    key_make(course=draft, acting_user=ingrid, key="open-sesame")
    with pytest.raises(KeyRefusedError) as refusal:
        enrolment_with_key(course_name=name, person=alice, key="open-sesame")
    assert (str(refusal.value), refusal.value.attr) == (str(KeyRefusedError()), "key")


def test_expired_revoked_used_up_and_foreign_keys_are_refused_alike(course, alice, ingrid):
    other = Course.objects.create(slug="other", title="O", owner=ingrid, status=Status.PUBLISHED)
    past = timezone.now() - timedelta(days=1)
    key_make(course=course, acting_user=ingrid, key="expired", expires_at=past)
    key_make(course=other, acting_user=ingrid, key="foreign")
    revoked = key_make(course=course, acting_user=ingrid, key="revoked")
    assert key_revoke(key=revoked, acting_user=ingrid).revoked_at
    used = key_make(course=course, acting_user=ingrid, key="used-up", max_uses=1)
    EnrolmentKey.objects.filter(pk=used.pk).update(uses=1)
    for word in ("expired", "foreign", "revoked", "used-up", "unknown", "a\x00b", "x" * 5000):
        with pytest.raises(KeyRefusedError):
            enrolment_self(course=course, person=alice, key=word)
    assert not Enrolment.objects.exists()


def test_a_key_is_used_up_by_new_learners_alone(course, alice, bob, ingrid):
    key = key_make(course=course, acting_user=ingrid, key="One Seat", max_uses=1)
    enrolment_self(course=course, person=alice, key="one seat")
    assert enrolment_self(course=course, person=alice, key="ONE SEAT").person_id == alice.pk
    with pytest.raises(KeyRefusedError):
        enrolment_self(course=course, person=bob, key="one seat")
    key.refresh_from_db()
    assert key.uses == 1


def test_a_key_leads_into_its_cohort(course, alice, ingrid):
    cohort = Cohort.objects.create(course=course, name="Spring")
    key = key_make(course=course, acting_user=ingrid, cohort=cohort)
    assert enrolment_self(course=course, person=alice, key=key.key.upper()).cohort_id == cohort.pk


def test_a_refused_seat_uses_no_key(course, alice, bob, ingrid):
    put(course, seat_limit=1)
    enrolment_self(course=course, person=bob)
    key = key_make(course=course, acting_user=ingrid, max_uses=5)
    with pytest.raises(CourseFullError):
        enrolment_self(course=course, person=alice, key=key.key)
    key.refresh_from_db()
    assert key.uses == 0


def test_a_suspended_learner_comes_back_through_an_instructor_alone(course, alice, ingrid):
    key = key_make(course=course, acting_user=ingrid)
    enrolment = enrolment_self(course=course, person=alice)
    enrolment_suspend(enrolment=enrolment, acting_user=ingrid)
    assert standing_of(alice).seat_in(course.pk) is None
    for word in (None, key.key):
        with pytest.raises(EnrolmentSuspendedError):
            enrolment_self(course=course, person=alice, key=word)
    with pytest.raises(EnrolmentSuspendedError):
        enrolment_by_staff(course=course, person=alice, acting_user=ingrid)
    enrolment_resume(enrolment=enrolment, acting_user=ingrid)
    assert standing_of(alice).seat_in(course.pk)


def test_leaving_first_does_not_lift_a_suspension(course, alice, ingrid):
    enrolment = enrolment_self(course=course, person=alice)
    enrolment_suspend(enrolment=enrolment, acting_user=ingrid)
    enrolment_withdraw(enrolment=enrolment, acting_user=alice)
    with pytest.raises(EnrolmentBarredError):
        enrolment_self(course=course, person=alice)


def test_who_was_put_out_is_let_in_by_an_instructor_alone(course, alice, ingrid):
    enrolment = enrolment_self(course=course, person=alice)
    enrolment_withdraw(enrolment=enrolment, acting_user=ingrid)
    enrolment_withdraw(enrolment=enrolment, acting_user=alice)
    with pytest.raises(EnrolmentBarredError):
        enrolment_self(course=course, person=alice)
    again = enrolment_by_staff(course=course, person=alice, acting_user=ingrid)
    assert (again.pk, again.status, again.is_barred) == (enrolment.pk, "active", False)


def test_who_left_comes_back_to_the_same_row_and_the_same_start(course, alice, shift_row, enrolled):
    shift_row(enrolled, started_at=-86_400)
    enrolment_withdraw(enrolment=enrolled, acting_user=alice)
    again = enrolment_self(course=course, person=alice)
    assert (again.pk, again.started_at) == (enrolled.pk, enrolled.started_at)


def test_an_enrolment_ends_by_the_databases_clock_and_can_begin_anew(course, alice, shift_row):
    put(course, enrolment_days=2**31 - 1)
    enrolment = enrolment_self(course=course, person=alice)
    assert enrolment.expires_at.year > 2100
    put(course, enrolment_days=30)
    shift_row(enrolment, expires_at=-(enrolment.expires_at - timezone.now()).total_seconds() - 60)
    assert standing_of(alice).seat_in(course.pk) is None
    again = enrolment_self(course=course, person=alice)
    assert again.pk == enrolment.pk
    assert timedelta(days=29) < again.expires_at - timezone.now() < timedelta(days=31)


def test_a_cohort_bounds_the_dates_of_its_people(course, alice, ingrid):
    soon = timezone.now() + timedelta(hours=1)
    cohort = cohort_save(
        cohort=Cohort(course=course, name="Later", starts_at=soon), acting_user=ingrid
    )
    enrolment_by_staff(course=course, person=alice, acting_user=ingrid, cohort=cohort)
    assert standing_of(alice).seat_in(course.pk) is None
    cohort.starts_at, cohort.ends_at = None, timezone.now() + timedelta(hours=2)
    cohort_save(cohort=cohort, acting_user=ingrid)
    assert standing_of(alice).seat_in(course.pk)
    cohort.ends_at = timezone.now() - timedelta(seconds=5)
    cohort_save(cohort=cohort, acting_user=ingrid)
    assert standing_of(alice).seat_in(course.pk) is None


def test_dates_that_no_calendar_has_or_that_run_backwards_are_refused(course, alice, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid)
    theirs = Cohort.objects.create(course=other, name="Theirs")
    start = timezone.now() + timedelta(days=10)
    late = Cohort.objects.create(course=course, name="Late", starts_at=start)
    wrong = [
        ({"expires_at": datetime(9999, 12, 31, 23, 59, tzinfo=UTC)}, DateUnusableError),
        ({"expires_at": datetime(1, 1, 1)}, DateUnusableError),  # noqa: DTZ001 - naive on purpose
        ({"cohort": late, "expires_at": start - timedelta(days=1)}, DatesReversedError),
        ({"cohort": theirs}, ForeignRowError),
    ]
    for values, error in wrong:
        with pytest.raises(error):
            enrolment_by_staff(course=course, person=alice, acting_user=ingrid, **values)
    assert not Enrolment.objects.exists()


def test_a_seat_that_was_taken_meanwhile_is_not_given_back(course, alice, bob, ingrid, enrolled):
    put(course, seat_limit=1)
    past = timezone.now() - timedelta(seconds=10)
    enrolment_suspend(enrolment=enrolled, acting_user=ingrid)
    other = enrolment_by_staff(course=course, person=bob, acting_user=ingrid)
    with pytest.raises(CourseFullError):
        enrolment_resume(enrolment=enrolled, acting_user=ingrid)
    enrolment_reschedule(enrolment=other, expires_at=past, cohort=None, acting_user=ingrid)
    enrolment_resume(enrolment=enrolled, acting_user=ingrid)
    with pytest.raises(CourseFullError):
        enrolment_reschedule(enrolment=other, expires_at=None, cohort=None, acting_user=ingrid)


def test_an_ended_cohort_does_not_come_back_over_the_seats(course, alice, bob, ingrid):
    past = timezone.now() - timedelta(seconds=10)
    cohort = Cohort.objects.create(course=course, name="Old", ends_at=past)
    with pytest.raises(DatesReversedError):
        enrolment_by_staff(course=course, person=alice, acting_user=ingrid, cohort=cohort)
    Enrolment.objects.create(course=course, person=alice, source="self", cohort=cohort)
    put(course, seat_limit=1)
    enrolment_self(course=course, person=bob)
    cohort.ends_at = None
    with pytest.raises(CourseFullError):
        cohort_save(cohort=cohort, acting_user=ingrid)


def test_a_lowered_limit_puts_nobody_out_and_lets_nobody_in(course, people, alice, ingrid):
    for person in people(3):
        enrolment_self(course=course, person=person)
    put(course, seat_limit=1)
    first = Enrolment.objects.first()
    enrolment_reschedule(
        enrolment=first,
        expires_at=timezone.now() + timedelta(days=9),
        cohort=None,
        acting_user=ingrid,
    )
    assert enrolment_self(course=course, person=first.person).pk == first.pk
    with pytest.raises(CourseFullError):
        enrolment_self(course=course, person=alice)


def test_enrolling_costs_the_same_in_a_class_of_any_size(
    course, alice, bob, people, django_assert_max_num_queries
):
    put(course, seat_limit=1_000)
    with django_assert_max_num_queries(24) as small:
        enrolment_self(course=course, person=alice)
    Enrolment.objects.bulk_create(
        Enrolment(course=course, person=person, source="self") for person in people(200)
    )
    with django_assert_max_num_queries(len(small)):
        enrolment_self(course=course, person=bob)
