"""The course's setting decides which release its learners read, and percentages follow it."""

import pytest

from learning.courses.models import Course, CourseChange
from learning.courses.services.editing import course_edit
from learning.enrolments.models import Enrolment
from learning.progress.models import CourseProgress
from learning.progress.selectors import progress_document
from learning.progress.services import course_progress_refresh
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = pytest.mark.django_db


def standing(seat):
    document = progress_document(enrolment_id=seat.pk)
    return document["release"], document["percent"], document["required_count"]


def set_policy(policy):
    return course_edit(course=Course.objects.get(), values={"release_policy": policy})


def test_learners_count_in_the_release_that_the_setting_gives_them(
    tell, seat, make_lesson, publish, release
):
    Enrolment.objects.update(release=release)
    for slug in ("one", "two", "three"):
        tell("completed", slug)
    make_lesson("four", rendered=False, published=False)
    publish()
    assert standing(seat) == (2, 75, 4)
    before = CourseProgress.objects.get().seq

    set_policy("pinned")
    assert standing(seat) == (1, 100, 3)
    assert CourseProgress.objects.get().seq > before
    assert CourseChange.objects.latest("pk").kind == "changed"
    assert course_progress_refresh(course_id=seat.course_id) == 0

    set_policy("newest")
    assert standing(seat) == (2, 75, 4)
    assert course_progress_refresh(course_id=seat.course_id) == 0


def test_another_setting_alone_moves_nobody(seat, publish):
    before = CourseProgress.objects.get().seq
    course_edit(course=Course.objects.get(), values={"seat_limit": 5})
    assert CourseProgress.objects.get().seq == before
