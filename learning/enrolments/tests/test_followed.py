"""What follows when a course's setting, a cohort or a key changes beside the learners."""

from datetime import timedelta

import pytest
from django.utils import timezone

from learning.courses.models import Course, CourseGrant
from learning.courses.personal import grants_of
from learning.enrolments.dates import good_key
from learning.enrolments.errors import DatesReversedError, KeyRefusedError
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.enrolments.personal import exceptions_of, lines_of
from learning.enrolments.services import (
    cohort_delete,
    cohort_save,
    enrolment_by_staff,
    enrolment_self,
    enrolment_with_key,
    key_make,
)
from learning.lessons.models import Lesson

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def later(course):
    Course.objects.update(enrolment_days=30, price=100)
    course.refresh_from_db()
    begins = timezone.now().replace(microsecond=0) + 60 * DAY
    return Cohort.objects.create(course=course, name="Later", starts_at=begins)


def test_the_days_of_a_course_count_from_the_start_of_a_cohort_that_is_to_begin(
    course, later, alice, bob, ingrid
):
    key_make(course=course, acting_user=ingrid, key="abcdef", cohort=later)
    with_key = enrolment_self(course=course, person=alice, key="abcdef")
    by_staff = enrolment_by_staff(course=course, person=bob, acting_user=ingrid, cohort=later)
    assert with_key.expires_at == by_staff.expires_at == later.starts_at + 30 * DAY


def test_the_days_count_from_now_in_a_cohort_that_has_begun(course, later, alice, ingrid):
    Cohort.objects.update(starts_at=timezone.now() - 60 * DAY)
    enrolment = enrolment_by_staff(course=course, person=alice, acting_user=ingrid, cohort=later)
    assert abs(enrolment.expires_at - timezone.now() - 30 * DAY) < timedelta(minutes=1)


def test_what_the_course_gave_moves_with_the_start_of_the_cohort(course, later, alice, bob, ingrid):
    own_end = later.starts_at + 90 * DAY
    given = enrolment_by_staff(course=course, person=alice, acting_user=ingrid, cohort=later)
    own = enrolment_by_staff(
        course=course, person=bob, acting_user=ingrid, cohort=later, expires_at=own_end
    )
    later.starts_at += 45 * DAY
    cohort_save(cohort=later, acting_user=ingrid)
    given.refresh_from_db()
    own.refresh_from_db()
    assert (given.expires_at, own.expires_at) == (later.starts_at + 30 * DAY, own_end)


def test_a_start_after_somebodys_own_end_is_refused(course, later, alice, ingrid):
    ends = later.starts_at + DAY
    enrolment_by_staff(
        course=course, person=alice, acting_user=ingrid, cohort=later, expires_at=ends
    )
    later.starts_at += 2 * DAY
    with pytest.raises(DatesReversedError, match="For 1 person, the access ends"):
        cohort_save(cohort=later, acting_user=ingrid)
    later.refresh_from_db()
    assert later.starts_at < ends


def test_the_keys_of_a_cohort_open_nothing_once_it_is_gone(course, alice, ingrid):
    Course.objects.update(price=100)
    cohort = Cohort.objects.create(
        course=course, name="Old", ends_at=timezone.now() - timedelta(days=60)
    )
    key_make(course=course, acting_user=ingrid, key="abcdef", cohort=cohort)
    other = key_make(course=course, acting_user=ingrid, key="uvwxyz")
    cohort_delete(cohort=cohort, acting_user=ingrid)
    assert list(EnrolmentKey.objects.filter(good_key())) == [other]
    with pytest.raises(KeyRefusedError):
        enrolment_with_key(course_name=course.slug, person=alice, key="abcdef")


def test_the_archive_of_a_person_names_no_draft(course, alice, ingrid):
    enrolment = enrolment_by_staff(course=course, person=alice, acting_user=ingrid)
    sent = EnrolmentList.objects.create(course=course, sent_by=ingrid, line_count=1)
    EnrolmentListLine.objects.create(
        list=sent, number=2, who="alice", outcome="enrolled", enrolment=enrolment
    )
    hidden = Lesson.objects.create(course=course, slug="secret-lesson", title="S")
    DripOverride.objects.create(lesson=hidden, enrolment=enrolment)
    CourseGrant.objects.create(course=course, person=alice)
    told = [*lines_of(alice.pk), *exceptions_of(alice.pk), *grants_of(alice.pk)]
    assert [row["course"] for row in told] == ["shells"] * 3
    assert told[1]["lesson"] is None
    Course.objects.update(slug="secret-plans", status="draft", newest_release=None)
    told = [*lines_of(alice.pk), *exceptions_of(alice.pk), *grants_of(alice.pk)]
    assert [row["course"] for row in told] == [None] * 3
    assert "secret" not in str(told)


@pytest.fixture
def desk(client, olga):
    client.force_login(olga)
    return client


def gone(desk, row):
    kind = row._meta.model_name
    answer = desk.post(f"/admin/learning/{kind}/{row.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    return not type(row).objects.filter(pk=row.pk).exists()


def test_operators_delete_what_has_rules_exceptions_and_lists(course, desk, ingrid):
    cohort = Cohort.objects.create(course=course, name="Spring")
    written = Lesson.objects.create(course=course, slug="x", title="S")
    DripOverride.objects.create(lesson=written, cohort=cohort)
    DripRule.objects.create(lesson=written, kind="after_days", days=3)
    assert gone(desk, cohort)
    DripOverride.objects.create(
        lesson=written, cohort=Cohort.objects.create(course=course, name="B")
    )
    assert gone(desk, written)

    plans = Course.objects.create(slug="plans", title="Plans")
    lesson = Lesson.objects.create(course=plans, slug="x", title="S")
    DripRule.objects.create(lesson=lesson, kind="after_days", days=3)
    sent = EnrolmentList.objects.create(course=plans, sent_by=ingrid, line_count=1)
    EnrolmentListLine.objects.create(list=sent, number=2, who="alice", outcome="refused")
    assert gone(desk, plans)


def test_who_has_begun_on_a_release_stays_on_one(course, lessons, desk, alice, ingrid):
    enrolment = enrolment_by_staff(course=course, person=alice, acting_user=ingrid)
    form = {"cohort": "", "expires_at_0": "", "expires_at_1": "", "release": ""}
    answer = desk.post(f"/admin/learning/enrolment/{enrolment.pk}/change/", form)
    assert answer.status_code == 200
    assert "release" in answer.context["adminform"].form.errors
    assert Enrolment.objects.get().release_id == enrolment.release_id is not None
