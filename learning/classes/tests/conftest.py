"""A class: ingrid owns the course, carla co-teaches, asa assists, alice and bob learn in it."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from academy.accounts.models import Role
from learning.courses.models import CourseStaff, StaffRole
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson, LessonRevision
from learning.progress.models import CourseProgress, LessonProgress
from learning.releases.models import Release, ReleaseLesson
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]


@pytest.fixture
def carla(person, course):
    someone = person("carla", Role.INSTRUCTOR)
    CourseStaff.objects.create(course=course, person=someone, role=StaffRole.CO_INSTRUCTOR)
    return someone


@pytest.fixture
def asa(person, course):
    someone = person("asa")
    CourseStaff.objects.create(course=course, person=someone, role=StaffRole.ASSISTANT)
    return someone


@pytest.fixture
def publish():
    """A release of these lessons, as its rows are; the titles are those of the lessons."""

    def make(course, slugs=("pipes", "loops"), *, required=None, titles=None):
        number = course.releases.count() + 1
        lessons = [_lesson(course, slug, place) for place, slug in enumerate(slugs)]
        release = Release.objects.create(
            course=course,
            number=number,
            title=course.title,
            language="en",
            lesson_count=len(lessons),
            required_count=len(lessons if required is None else required),
        )
        ReleaseLesson.objects.bulk_create(
            ReleaseLesson(
                release=release,
                lesson=lesson,
                revision=_revision(lesson, (titles or {}).get(lesson.slug, lesson.title), number),
                position=place,
                is_required=required is None or lesson.slug in required,
            )
            for place, lesson in enumerate(lessons)
        )
        course.newest_release = release
        course.save(update_fields=["newest_release"])
        return release

    return make


def _lesson(course, slug, place):
    return Lesson.objects.get_or_create(
        course=course,
        slug=slug,
        defaults={"title": slug.title(), "position": place, "status": "published"},
    )[0]


def _revision(lesson, title, number):
    return LessonRevision.objects.create(
        lesson=lesson,
        content_hash=f"{number:064d}",
        title=title,
        language="en",
        access="free",
        course_slug=lesson.course.slug,
        course_title=lesson.course.title,
    )


@pytest.fixture
def release(course, publish):
    return publish(course)


@pytest.fixture
def enrol(course):
    """Somebody is in the class, and so far."""

    def make(person, percent=None, *, into=None, **values):
        values = {"source": Enrolment.Source.INSTRUCTOR, **values}
        made = Enrolment.objects.create(course=into or course, person=person, **values)
        if percent is not None:
            CourseProgress.objects.create(
                enrolment=made,
                release_id=made.course.newest_release_id,
                percent=percent,
                completed_count=percent,
                required_count=100,
                last_active_at=Now() - timedelta(hours=1),
            )
        return made

    return make


@pytest.fixture
def open_lesson(course):
    """The learner opened the lesson so many days ago, and completed it if they needed seconds."""

    def make(enrolment, slug, *, days=0, seconds=None):
        opened = Now() - timedelta(days=days)
        done = seconds is not None
        return LessonProgress.objects.create(
            enrolment=enrolment,
            lesson=Lesson.objects.get(course=course, slug=slug),
            state=LessonProgress.State.COMPLETED if done else LessonProgress.State.OPENED,
            opened_at=opened,
            completed_at=opened if done else None,
            seconds=seconds or 0,
        )

    return make


@pytest.fixture
def signed_in(client):
    """The test's browser, with this person signed in."""

    def enter(person):
        client.force_login(person)
        return client

    return enter
