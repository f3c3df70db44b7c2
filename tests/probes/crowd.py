"""A course of many lessons and many learners, written in bulk."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models.functions import Now

from academy.accounts.models import Role, User
from learning.courses.models import Course, Section, Status
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.lessons.services import lessons_refresh, revision_render
from learning.progress.models import CourseProgress, LessonProgress
from learning.releases.services import release_publish

PARAGRAPH = "A worker claims a job by one conditional update and knows whether it is its own. " * 12


def make_crowd(*, learners=1000, lessons=100, courses=12):
    """The course, its owner and its learners; each learner is somewhere else in it."""
    owner = User.objects.create(username="crowd-owner", role=Role.INSTRUCTOR)
    course = _course("crowd", owner=owner, lessons=lessons)
    for number in range(courses - 1):
        _course(f"crowd-{number}", owner=owner, lessons=2)
    people = User.objects.bulk_create(
        User(username=f"crowd{n}", email=f"crowd{n}@example.org", display_name=f"学習者 {n} 🎓")
        for n in range(learners)
    )
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(
            course=course,
            person=person,
            source=Enrolment.Source.INSTRUCTOR,
            release_id=course.newest_release_id,
        )
        for person in people
    )
    _progress(course, enrolments)
    return course, owner, people


def _course(slug, *, owner, lessons):
    course = Course.objects.create(slug=slug, title=slug.title(), owner=owner)
    sections = [
        Section.objects.create(course=course, title=f"Part {n}", position=n) for n in (1, 2)
    ]
    Lesson.objects.bulk_create(
        Lesson(
            course=course,
            section=sections[n * 2 // lessons],
            slug=f"lesson-{n}",
            title=f"Lesson {n}",
            position=n,
            status=Status.PUBLISHED,
            body=f"## Part {n}\n\n{PARAGRAPH}\n\n## More\n\n{PARAGRAPH}",
        )
        for n in range(lessons)
    )
    lessons_refresh(course_id=course.pk)
    release_publish(course=course, acting_user=owner)
    course.refresh_from_db()
    return course


def _progress(course, enrolments):
    lessons = list(Lesson.objects.filter(course=course).order_by("position"))
    CourseProgress.objects.bulk_create(
        CourseProgress(
            enrolment=enrolment,
            release_id=course.newest_release_id,
            completed_count=n % (len(lessons) + 1),
            required_count=len(lessons),
            percent=100 * (n % (len(lessons) + 1)) // len(lessons),
            last_lesson=lessons[n % len(lessons)],
            last_active_at=Now() - timedelta(minutes=n),
            seq=n % (len(lessons) + 1),
        )
        for n, enrolment in enumerate(enrolments)
    )
    LessonProgress.objects.bulk_create(
        (
            LessonProgress(
                enrolment=enrolment,
                lesson=lesson,
                state=LessonProgress.State.COMPLETED,
                opened_at=Now() - timedelta(days=2),
                completed_at=Now() - timedelta(days=1),
                seconds=60,
            )
            for n, enrolment in enumerate(enrolments)
            for lesson in lessons[: n % (len(lessons) + 1)]
        ),
        batch_size=2000,
    )


def session_of(person):
    """The key of a session in which the person is signed in."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return store.session_key


def render_all(course):
    drafts = Lesson.objects.filter(course=course).values_list("draft_revision_id", flat=True)
    for revision_id in drafts:
        revision_render(revision_id=revision_id)
