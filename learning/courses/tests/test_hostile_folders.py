"""What a folder may hold besides texts and pictures does no harm."""

import os

import pytest

from learning.conftest import png
from learning.courses.models import Course
from learning.courses.services import course_save
from learning.courses.services.importing import course_import
from learning.lessons.models import Lesson


@pytest.mark.timeout(20)
def test_a_pipe_is_no_picture_and_no_lesson_and_nothing_waits_for_it(db, folder):
    root = folder({"a.md": "# A\n\n![x](fig/a.png) ![y](fig/b.png)\n", "fig/b.png": png()})
    os.mkfifo(root / "fig" / "a.png")
    report = course_import(folder=root)
    assert report.lesson_count == 1
    assert any("fig/a.png" in warning for warning in report.warnings)
    assert report.figures == ("fig/b.png",)


def test_titles_hold_no_control_characters_and_no_overrides(db, folder):
    text = '---\ntitle: "Tit\\x07le \\u202eeltit"\nsummary: "s\\u202eum\\x01"\n---\n\nText.\n'
    course = '---\ntitle: "Co\\x07ur\\u202ese"\n'
    course_import(folder=folder({"a.md": text, "course.yaml": course}))
    lesson = Lesson.objects.get()
    assert (lesson.title, lesson.summary) == ("Title eltit", "sum")
    saved = Course.objects.get()
    assert saved.title == "Course"
    saved.title, saved.summary = "A\u202e\x07 b", "c\x00\u202d d"
    course_save(course=saved)
    saved.refresh_from_db()
    assert (saved.title, saved.summary) == ("A b", "c d")
