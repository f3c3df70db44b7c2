"""A class of many learners and many lessons, written in bulk."""

from datetime import timedelta

from django.utils import timezone

from academy.accounts.models import User
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson, LessonRevision
from learning.progress.models import CourseProgress, LessonProgress
from learning.releases.models import Release, ReleaseLesson

NAMES = ("山田 花子 🌸", "ليلى العامري", "Ada", "Олена", "Zoë de la Cruz-Fernández y Montoya")


def crowd(course, *, learners, lessons):
    """Learners stand at every place of the course; the lesson after the last one is open.

    Returns the enrolments.
    """
    now = timezone.now()
    rows = _release(course, lessons)
    people = User.objects.bulk_create(
        User(
            username=f"crowd{n}",
            email=f"crowd{n}@example.org",
            display_name=f"{NAMES[n % len(NAMES)]} {n}",
        )
        for n in range(learners)
    )
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(course=course, person=person, source="instructor") for person in people
    )
    CourseProgress.objects.bulk_create(
        CourseProgress(
            enrolment=enrolment,
            release=course.newest_release,
            percent=100 * (n % (lessons + 1)) // lessons,
            completed_count=n % (lessons + 1),
            required_count=lessons,
            last_lesson=rows[n % lessons],
            last_active_at=now - timedelta(minutes=n),
            seq=n,
        )
        for n, enrolment in enumerate(enrolments)
    )
    LessonProgress.objects.bulk_create(
        (
            _row(enrolment, lesson, place, n % (lessons + 1), now)
            for n, enrolment in enumerate(enrolments)
            for place, lesson in enumerate(rows[: n % (lessons + 1) + 1])
        ),
        batch_size=2000,
    )
    return enrolments


def _release(course, lessons):
    rows = Lesson.objects.bulk_create(
        Lesson(
            course=course, slug=f"lesson-{n}", title=f"Lesson {n}", position=n, status="published"
        )
        for n in range(lessons)
    )
    revisions = LessonRevision.objects.bulk_create(
        LessonRevision(
            lesson=lesson,
            content_hash=f"{lesson.position:064d}",
            title=lesson.title,
            language="en",
            access="free",
            course_slug=course.slug,
            course_title=course.title,
        )
        for lesson in rows
    )
    release = Release.objects.create(
        course=course,
        number=1,
        title=course.title,
        language="en",
        lesson_count=lessons,
        required_count=lessons,
    )
    ReleaseLesson.objects.bulk_create(
        ReleaseLesson(release=release, lesson=lesson, revision=revision, position=lesson.position)
        for lesson, revision in zip(rows, revisions, strict=True)
    )
    course.newest_release = release
    course.save(update_fields=["newest_release"])
    return rows


def _row(enrolment, lesson, place, done, now):
    completed = place < done
    return LessonProgress(
        enrolment=enrolment,
        lesson=lesson,
        state=LessonProgress.State.COMPLETED if completed else LessonProgress.State.OPENED,
        opened_at=now - timedelta(days=20),
        completed_at=now - timedelta(days=1) if completed else None,
        seconds=60 * (1 + (place + done) % 30) if completed else 0,
    )
