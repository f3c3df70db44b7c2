"""A course with a release, alice in it, and ways to tell what she does."""

import uuid
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from learning.courses.models import Course
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.progress.models import CourseProgress, LessonProgress, ProgressEvent
from learning.progress.services import NewEvent, progress_record, progress_refresh
from learning.releases.errors import NothingToPublishError
from learning.releases.services import release_publish


@pytest.fixture
def lessons(make_lesson):
    """Four lessons by their slugs: the last counts for nothing."""
    made = [make_lesson(slug, rendered=False, published=False) for slug in ("one", "two", "three")]
    made.append(make_lesson("extra", rendered=False, published=False, is_required=False))
    return {lesson.slug: lesson for lesson in made}


@pytest.fixture
def publish(course, ingrid):
    def make():
        found = Course.objects.get(pk=course.pk)
        try:
            return release_publish(course=found, acting_user=ingrid)
        except NothingToPublishError:
            return found.newest_release

    return make


@pytest.fixture
def release(lessons, publish):
    return publish()


@pytest.fixture
def enrol(course):
    def make(person, **values):
        enrolment = Enrolment.objects.create(
            course=course, person=person, source=Enrolment.Source.SELF, **values
        )
        progress_refresh(enrolment_id=enrolment.pk)
        return enrolment

    return make


@pytest.fixture
def seat(release, enrol, alice):
    return enrol(alice)


@pytest.fixture
def tell(seat, lessons, alice):
    """Tells one event of alice's, and returns what became of it."""

    def one(kind, slug="one", *, minutes_ago=None, event_id=None, **data):
        return tell_all((kind, slug, minutes_ago, event_id, data))[0]

    def tell_all(*events):
        return progress_record(
            enrolment_id=seat.pk,
            acting_user=alice,
            events=[
                NewEvent(
                    event_id=event_id or uuid.uuid4(),
                    kind=kind,
                    lesson_id=lessons[slug].pk,
                    data=data,
                    occurred_at=None
                    if minutes_ago is None
                    else timezone.now() - timedelta(minutes=minutes_ago),
                )
                for kind, slug, minutes_ago, event_id, data in events
            ],
        )

    one.all = tell_all
    return one


@pytest.fixture
def later(seat):
    """Makes all that alice told so far older, for the database's clock too."""

    def shift(seconds):
        before = timedelta(seconds=seconds)
        ProgressEvent.objects.filter(enrolment=seat).update(
            at=F("at") - before, occurred_at=F("occurred_at") - before
        )
        for model in (LessonProgress, CourseProgress):
            for row in model.objects.filter(enrolment=seat):
                for name in ("opened_at", "completed_at", "checkpoint_at", "last_active_at"):
                    if getattr(row, name, None):
                        setattr(row, name, getattr(row, name) - before)
                row.save()

    return shift


@pytest.fixture
def course_row(seat):
    return lambda: CourseProgress.objects.get(pk=seat.pk)


@pytest.fixture
def lesson_row(seat, lessons):
    return lambda slug="one": LessonProgress.objects.get(enrolment=seat, lesson=lessons[slug])


@pytest.fixture
def complete_by():
    """Sets what completes a lesson of the next release."""

    def put(lesson, **completion):
        Lesson.objects.filter(pk=lesson.pk).update(completion=completion)

    return put
