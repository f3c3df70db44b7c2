"""Whoever writes a lesson writes what they name, and no more."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from academy.platform.errors import InvalidInputError
from learning.courses.models import Section, Status
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson, LessonRendition
from learning.lessons.rendering import Rendered
from learning.lessons.services import (
    lesson_edit,
    lesson_save,
    lessons_delete,
    lessons_set_status,
    rendition_store,
)


def read(lesson):
    return Lesson.objects.select_related("course", "section").get(pk=lesson.pk)


def test_who_edits_what_was_read_before_undoes_nothing(make_lesson):
    lesson = make_lesson(status=Status.DRAFT, published=False)
    early, other = read(lesson), read(lesson)
    lessons_set_status(lessons=Lesson.objects.all(), status=Status.PUBLISHED)
    lesson_edit(lesson=other, values={"body": "Der neue Text.", "slug": "rohre"})
    saved = lesson_edit(lesson=early, values={"title": "管 🐚"})
    now = read(lesson)
    for one in (saved, now):
        assert (one.status, one.body, one.slug, one.title) == (
            Status.PUBLISHED,
            "Der neue Text.",
            "rohre",
            "管 🐚",
        )
    assert (now.draft_revision.title, now.draft_revision.body) == ("管 🐚", "Der neue Text.")


def test_a_lesson_that_was_deleted_meanwhile_does_not_come_back(make_lesson):
    lesson = make_lesson(status=Status.DRAFT, published=False)
    early = read(lesson)
    lessons_delete(lessons=Lesson.objects.all())
    for write in (lambda: lesson_edit(lesson=early, values={"title": "x"}), lambda: save(early)):
        with pytest.raises(LessonNotFoundError):
            write()
    assert not Lesson.objects.exists()


def save(lesson):
    return lesson_save(lesson=lesson)


def test_a_section_that_was_deleted_meanwhile_is_none(make_lesson, course):
    lesson, section = make_lesson(), Section.objects.create(course=course, title="Gone")
    gone = Section.objects.get(pk=section.pk)
    section.delete()
    with pytest.raises(InvalidInputError, match="no such section"):
        lesson_edit(lesson=read(lesson), values={"section": gone})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
def test_a_lesson_is_deleted_while_its_pages_are_stored(make_lesson):
    lesson = make_lesson(status=Status.DRAFT, published=False)
    LessonRendition.objects.all().delete()
    stored = Event()

    def store():
        try:
            with transaction.atomic():
                rendition_store(revision_id=lesson.draft_revision_id, rendered=Rendered())
                stored.set()
                time.sleep(0.5)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        storing = pool.submit(store)
        assert stored.wait(20)
        lessons_delete(lessons=Lesson.objects.filter(pk=lesson.pk))
        storing.result()
    assert not Lesson.objects.exists()
    assert not LessonRendition.objects.exists()
