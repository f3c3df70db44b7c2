"""The real course, which nobody here wrote."""

from pathlib import Path

import pytest

from learning.courses.models import Course
from learning.courses.services.importing import course_import
from learning.lessons.models import Lesson, LessonFigure, LessonRendition

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "courses" / "shell-novice"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the real course is not there: {FOLDER}"
)


def test_all_lessons_of_the_real_course_are_imported_without_error(db):
    report = course_import(folder=FOLDER, publish=True)
    course = Course.objects.get()
    assert (course.slug, course.title) == ("shell-novice", "Shell novice")
    assert list(Lesson.objects.order_by("position").values_list("slug", flat=True)) == [
        "intro",
        "filedir",
        "create",
        "pipefilter",
        "loop",
        "script",
        "find",
    ]
    assert not LessonRendition.objects.exclude(problem_code="").exists()
    assert LessonFigure.objects.filter(revision__lesson__slug="filedir").count() == 4
    # The one link that leads to a file which the folder has not.
    assert [w for w in report.warnings if "setup.md" not in w] == []
    html = LessonRendition.objects.get(revision__lesson__slug="find").body_html
    assert 'href="/courses/shell-novice/create/"' in html


def test_the_real_course_imports_twice_without_a_change(db):
    course_import(folder=FOLDER, publish=True)
    assert not course_import(folder=FOLDER).is_changed
