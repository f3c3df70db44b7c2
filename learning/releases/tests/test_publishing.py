import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.platform.errors import InvalidInputError
from learning.courses.models import Course, CourseChange, ReleasePolicy, Section, Status
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.services import lesson_save
from learning.releases.errors import NothingToPublishError
from learning.releases.models import Release, ReleaseLesson
from learning.releases.selectors import entries_of, release_for
from learning.releases.services import course_withdraw, release_publish
from learning.releases.signals import release_published
from learning.rights.selectors import standing_of


@pytest.fixture
def draft_course(ingrid):
    return Course.objects.create(slug="tides", title="Tides 🌊", owner=ingrid)


@pytest.fixture
def write(draft_course):
    def make(slug, **values):
        return Lesson.objects.create(
            course=draft_course,
            slug=slug,
            **{"title": slug.title(), "status": Status.PUBLISHED, "body": "Text.", **values},
        )

    return make


@pytest.fixture
def heard():
    received = []

    def listener(sender, **told):
        received.append({**told, "open": Course.objects.get().newest_release_id})

    release_published.connect(listener, weak=False)
    yield received
    release_published.disconnect(listener)


def test_a_release_holds_what_the_lessons_said_in_reading_order(draft_course, write, ingrid, heard):
    last = write("last", position=1)
    late = Section.objects.create(course=draft_course, title="満月", position=2)
    early = Section.objects.create(course=draft_course, title="Early", position=1)
    second = write("second", section=late, is_required=False, completion={"kind": "read"})
    first = write("first", section=early, body="أول")
    write("draft", status=Status.DRAFT)
    release = release_publish(course=draft_course, acting_user=ingrid, note="  Now.\x00\r\nYes ")
    draft_course.refresh_from_db()
    assert (draft_course.status, draft_course.newest_release) == (Status.PUBLISHED, release)
    assert (release.number, release.author, release.note) == (1, ingrid, "Now.\nYes")
    assert (release.title, release.lesson_count, release.required_count) == ("Tides 🌊", 3, 2)
    entries = entries_of(release.pk)
    assert [entry.lesson for entry in entries] == [first, second, last]
    assert [entry.section_title for entry in entries] == ["Early", "満月", ""]
    assert entries[0].revision.body == "أول"
    assert entries[1].completion == {"kind": "read"}
    assert heard == [{"release_id": release.pk, "course_id": draft_course.pk, "open": release.pk,
                      "signal": release_published}]  # fmt: skip
    assert CourseChange.objects.get().kind == CourseChange.Kind.RELEASED


def test_an_edit_shows_in_the_next_release_and_leaves_the_first_as_it_was(draft_course, write):
    lesson = write("moon", body="Old.")
    first = release_publish(course=draft_course, acting_user=None)
    lesson.body = "New."
    lesson_save(lesson=lesson)
    second = release_publish(course=draft_course, acting_user=None)
    assert second.number == 2
    assert [entries_of(pk)[0].revision.body for pk in (first.pk, second.pk)] == ["Old.", "New."]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"summary": "Other"},
        {"body": "Other"},
        {"language": "ja"},
        {"access": "premium"},
        {"video_url": "https://video.example/1"},
        {"is_required": False},
        {"completion": {"kind": "read"}},
    ],
)
def test_whatever_readers_would_notice_is_something_to_publish(draft_course, write, change):
    lesson = write("moon")
    release_publish(course=draft_course, acting_user=None)
    Lesson.objects.filter(pk=lesson.pk).update(**change)
    assert release_publish(course=draft_course, acting_user=None).number == 2


def test_the_same_again_is_refused_and_nothing_is_told(draft_course, write, heard):
    write("moon")
    release_publish(course=draft_course, acting_user=None)
    with pytest.raises(NothingToPublishError):
        release_publish(course=draft_course, acting_user=None)
    assert (Release.objects.count(), CourseChange.objects.count(), len(heard)) == (1, 1, 1)


def test_a_text_that_came_back_is_its_old_revision(draft_course, write):
    lesson = write("moon", body="One.")
    first = release_publish(course=draft_course, acting_user=None)
    for body in ("Two.", "One."):
        lesson.body = body
        lesson_save(lesson=lesson)
        last = release_publish(course=draft_course, acting_user=None)
    assert last.number == 3
    assert entries_of(first.pk)[0].revision == entries_of(last.pk)[0].revision


def test_a_course_without_a_lesson_to_publish_is_refused(draft_course, write):
    write("moon", status=Status.DRAFT)
    with pytest.raises(NothingToPublishError):
        release_publish(course=draft_course, acting_user=None)
    draft_course.refresh_from_db()
    assert (draft_course.status, draft_course.newest_release) == (Status.DRAFT, None)


def test_a_long_note_is_refused(draft_course, write):
    write("moon")
    with pytest.raises(InvalidInputError):
        release_publish(course=draft_course, acting_user=None, note="x" * 2001)


def test_a_course_that_was_taken_back_opens_again_with_the_release_it_had(draft_course, write):
    write("moon")
    release = release_publish(course=draft_course, acting_user=None)
    course_withdraw(course=draft_course, acting_user=None)
    course_withdraw(course=draft_course, acting_user=None)
    draft_course.refresh_from_db()
    assert (draft_course.status, draft_course.newest_release) == (Status.DRAFT, release)
    assert release_publish(course=draft_course, acting_user=None) == release
    kinds = CourseChange.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["released", "withdrawn", "released"]


def test_readers_get_the_newest_release_or_the_one_that_pins_them(draft_course, write, alice, bob):
    lesson = write("moon")
    assert release_for(standing_of(None), draft_course) is None
    first = release_publish(course=draft_course, acting_user=None)
    Enrolment.objects.create(course=draft_course, person=alice, source="self", release=first)
    lesson.body = "New."
    lesson_save(lesson=lesson)
    second = release_publish(course=draft_course, acting_user=None)
    seen = {
        policy: [_read(person, draft_course, policy) for person in (None, alice, bob)]
        for policy in ReleasePolicy
    }
    assert seen == {
        ReleasePolicy.NEWEST: [second, second, second],
        ReleasePolicy.PINNED: [second, first, second],
    }


def _read(person, course, policy):
    Course.objects.filter(pk=course.pk).update(release_policy=policy)
    return release_for(standing_of(person), Course.objects.get(pk=course.pk))


def _queries_of_publishing(course):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        release_publish(course=course, acting_user=None)
    return len(seen)


def test_a_hundred_lessons_are_published_in_a_few_queries(draft_course, write):
    write("lesson")
    with_one = _queries_of_publishing(draft_course)
    for number in range(99):
        write(f"lesson-{number}", position=number)
    # Rows are inserted by the hundred or so.
    assert _queries_of_publishing(draft_course) <= with_one + 8
    Lesson.objects.update(title="Other")
    assert _queries_of_publishing(draft_course) <= with_one + 8
    assert (LessonRevision.objects.count(), ReleaseLesson.objects.count()) == (200, 201)


@pytest.mark.django_db(transaction=True)
def test_ten_who_publish_at_once_make_one_release(for_threads, draft_course, write):
    write("moon")
    together = threading.Barrier(10)
    numbers = []

    def one():
        together.wait()
        try:
            numbers.append(release_publish(course=draft_course, acting_user=None).number)
        except NothingToPublishError:
            numbers.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers, key=str) == [1, *[None] * 9]
    assert (Release.objects.count(), ReleaseLesson.objects.count()) == (1, 1)
