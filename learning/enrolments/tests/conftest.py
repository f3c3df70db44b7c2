"""alice and bob learn, ingrid teaches, olga operates; `course` is free and has one release."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from academy.accounts.models import Role, User
from learning.courses.models import Course, Status
from learning.enrolments.models import Enrolment
from learning.enrolments.services.lists import LIST_KIND
from learning.lessons.models import Lesson, LessonRevision
from learning.releases.models import Release, ReleaseLesson
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import WAITING, Job
from scheduler.jobs.tasks.running import execute
from scheduler.jobs.tests.conftest import bearer, cache, shared_cache

__all__ = ["bearer", "cache", "shared_cache"]


@pytest.fixture
def people(db):
    """Makes so many learners at once."""

    def make(count, prefix="learner"):
        return User.objects.bulk_create(
            User(username=f"{prefix}{n}", email=f"{prefix}{n}@example.org", display_name=f"{n}")
            for n in range(count)
        )

    return make


@pytest.fixture
def ivan(person):
    """Teaches elsewhere."""
    return person("ivan", Role.INSTRUCTOR)


@pytest.fixture
def lessons(course):
    """Three lessons, all in the course's newest release under titles of their own."""
    made = [
        Lesson.objects.create(
            course=course, slug=slug, title=f"Draft of {slug}", status=Status.PUBLISHED, position=n
        )
        for n, slug in enumerate(("pipes", "loops", "scripts"))
    ]
    release_of(course, made)
    return made


def release_of(course, lessons, number=1):
    release = Release.objects.create(
        course=course,
        number=number,
        title=course.title,
        language="en",
        lesson_count=len(lessons),
        required_count=len(lessons),
    )
    for position, lesson in enumerate(lessons):
        revision, _made = LessonRevision.objects.get_or_create(
            lesson=lesson,
            content_hash=f"{lesson.pk:064d}",
            defaults={
                "title": lesson.slug.title(),
                "language": "en",
                "access": "free",
                "course_slug": course.slug,
                "course_title": course.title,
            },
        )
        ReleaseLesson.objects.create(
            release=release, lesson=lesson, revision=revision, position=position
        )
    Course.objects.filter(pk=course.pk).update(newest_release=release)
    course.newest_release = release
    return release


@pytest.fixture
def enrolled(alice, course):
    return Enrolment.objects.create(course=course, person=alice, source="self")


@pytest.fixture
def shift_row():
    """Moves a time of a row by the database: shift_row(enrolment, started_at=-60)."""

    def move(row, **seconds):
        moved = {name: F(name) + timedelta(seconds=by) for name, by in seconds.items()}
        assert type(row).objects.filter(pk=row.pk).update(**moved) == 1
        row.refresh_from_db()

    return move


@pytest.fixture
def work(monkeypatch, db):
    """Runs the lists that wait, as a worker would; returns their jobs."""
    if connection.in_atomic_block:
        # A worker's connections are its own; this one carries the test's transaction.
        monkeypatch.setattr("scheduler.jobs.tasks.running.close_old_connections", lambda: None)

    def run():
        waiting = Job.objects.filter(kind=LIST_KIND, status__in=WAITING).order_by("created_at")
        ids = list(waiting.values_list("pk", flat=True))
        for job_id in ids:
            execute(kind_named(LIST_KIND), job_id=str(job_id), worker="w1")
        return list(Job.objects.filter(pk__in=ids))

    return run
