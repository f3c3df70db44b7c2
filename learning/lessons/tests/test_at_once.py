"""Whoever writes a lesson writes what they name, and no more."""

import pytest

from academy.platform.errors import InvalidInputError
from learning.courses.models import Section, Status
from learning.lessons.errors import LessonNotFoundError
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_edit, lesson_save, lessons_delete, lessons_set_status


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
