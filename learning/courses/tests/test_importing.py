import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection

from learning.conftest import SVG, png
from learning.courses.models import Course, CourseFigure, Section, Status
from learning.courses.services import course_save, importing
from learning.courses.services import demo as demo_service
from learning.courses.services.demo import demo_course_ensure
from learning.courses.services.importing import course_import
from learning.lessons.models import Lesson, LessonFigure, LessonRendition, Tier
from learning.lessons.selectors import lesson_page, reading_for
from scheduler.jobs.models import Job

LESSON = "---\ntitle: Pipes\nsummary: Joining commands\n---\n\n## Start\n\nSome words.\n"
FILES = {
    "01-intro.md": "---\ntitle: Introduction\n---\n\nSee [pipes](02-pipes.md#start).\n",
    "02-pipes.md": LESSON + "\n![A tree](fig/tree.png){alt='tree'}\n",
    "fig/tree.png": png(),
}


def run(root, *args):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_course", str(root), *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def everything():
    models = (Course, Section, Lesson, LessonRendition, LessonFigure, CourseFigure)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_a_folder_becomes_a_draft_with_its_lessons_in_order(db, folder):
    out, err = run(folder(FILES))
    course = Course.objects.get(slug="shells")
    assert (course.title, course.status, err) == ("Shells", Status.DRAFT, "")
    lessons = course.lessons.order_by("position")
    assert [(row.slug, row.title, row.status) for row in lessons] == [
        ("intro", "Introduction", "draft"),
        ("pipes", "Pipes", "draft"),
    ]
    assert "2 lessons" in out
    assert not Job.objects.exists()


def test_publish_publishes_and_links_and_figures_work_at_once(db, folder, client, alice):
    run(folder(FILES), "--publish", "--owner", "ALICE", "--slug", "turtles")
    course = Course.objects.get()
    assert (course.slug, course.owner) == ("turtles", alice)
    page = lesson_page(reading_for(None, "turtles/intro"))
    assert 'href="/courses/turtles/pipes/#start"' in page.body_html
    pipes = lesson_page(reading_for(None, "turtles/pipes"))
    assert 'src="/courses/turtles/figures/fig/tree.png?v=' in pipes.body_html
    response = client.get("/courses/turtles/figures/fig/tree.png")
    assert response.content == FILES["fig/tree.png"]


def test_a_second_run_says_that_nothing_changed_and_writes_no_row(db, folder):
    root = folder(
        {**FILES, "course.yaml": "title: S\nsections:\n- title: A\n  lessons: [01-intro]\n"}
    )
    run(root, "--publish")
    before = everything()
    for args in (["--publish"], []):
        out, _ = run(root, *args)
        assert "nothing changed" in out
    assert everything() == before
    assert not Job.objects.exists()


def test_only_what_changed_is_written(db, folder):
    root = folder(FILES)
    run(root, "--publish")
    before = {row["slug"]: row for row in Lesson.objects.values()}
    (root / "02-pipes.md").write_text(LESSON.replace("Some words", "Other words"))
    out, _ = run(root)
    after = {row["slug"]: row for row in Lesson.objects.values()}
    assert after["intro"] == before["intro"]
    assert after["pipes"]["updated_at"] >= before["pipes"]["updated_at"]
    assert "Other words" in after["pipes"]["body"]
    assert "changed: pipes" in out
    assert after["pipes"]["status"] == "published"
    assert "Other words" in Lesson.objects.get(slug="pipes").draft_revision.rendition.body_html


def test_a_changed_figure_makes_its_lesson_anew(db, folder):
    root = folder(FILES)
    run(root, "--publish")
    before = Lesson.objects.get(slug="pipes").content_hash
    (root / "fig/tree.png").write_bytes(png("blue"))
    out, _ = run(root)
    assert Lesson.objects.get(slug="pipes").content_hash != before
    assert "figures: fig/tree.png" in out
    assert "nothing changed" in run(root)[0]


def test_lessons_that_left_the_folder_become_drafts_and_come_back_as_themselves(db, folder):
    root = folder(FILES)
    run(root, "--publish")
    key = Lesson.objects.get(slug="pipes").pk
    (root / "02-pipes.md").rename(root / "gone.txt")
    out, err = run(root)
    assert "now drafts: pipes" in out
    assert "01-intro.md:5" in err or "nothing" not in out
    assert Lesson.objects.get(slug="pipes").status == "draft"
    (root / "gone.txt").rename(root / "05-pipes.md")
    run(root, "--publish")
    assert Lesson.objects.get(slug="pipes").pk == key
    assert Lesson.objects.get(slug="pipes").status == "published"


def test_a_lesson_written_in_the_admin_is_left_alone(db, folder):
    root = folder(FILES)
    run(root, "--publish")
    own = Lesson.objects.create(
        course=Course.objects.get(), slug="own", title="Own", status="published", position=9
    )
    run(root, "--publish")
    own.refresh_from_db()
    assert own.status == "published"


def test_a_new_slug_in_the_front_matter_keeps_the_lesson_and_its_old_permalink(db, folder, client):
    root = folder(FILES)
    run(root, "--publish")
    key = Lesson.objects.get(slug="pipes").pk
    (root / "02-pipes.md").write_text(LESSON.replace("title: Pipes", "title: Pipes\nslug: tubes"))
    run(root)
    assert Lesson.objects.get(slug="tubes").pk == key
    assert client.get("/courses/shells/pipes/")["Location"] == "/courses/shells/tubes/"
    run(root)
    assert "nothing changed" in run(root)[0]


def test_a_course_that_was_renamed_is_found_by_its_folder(db, folder):
    root = folder(FILES)
    run(root, "--publish")
    course = Course.objects.get()
    course.slug = "turtles"
    course_save(course=course)
    run(root)
    assert Course.objects.get().slug == "turtles"


def test_a_course_file_gives_title_order_and_sections(db, folder):
    yaml = """
title: シェル 🐚
summary: About shells
description: |
  With **care**.
language: ja
level: Beginner
sections:
  - title: Later
    lessons: [02-pipes.md]
  - title: Sooner
    lessons:
      - intro
"""
    run(folder({**FILES, "course.yaml": yaml}), "--publish")
    course = Course.objects.get()
    assert (course.title, course.language, course.level) == ("シェル 🐚", "ja", "beginner")
    assert "<strong>care</strong>" in course.description_html
    lessons = course.lessons.order_by("position").values_list("slug", "section__title")
    assert list(lessons) == [("pipes", "Later"), ("intro", "Sooner")]


def test_a_lesson_that_the_course_file_forgot_comes_last_with_a_warning(db, folder):
    yaml = "sections:\n- title: A\n  lessons: [02-pipes]\n"
    _, err = run(folder({**FILES, "course.yaml": yaml}))
    assert "01-intro.md:1: course.yaml does not list this lesson" in err
    assert list(Lesson.objects.order_by("position").values_list("slug", flat=True)) == [
        "pipes",
        "intro",
    ]


def test_the_title_may_come_from_carpentries_config(db, folder):
    run(folder({**FILES, "config.yaml": "carpentry: swc\ntitle: 'The Unix Shell'\n"}))
    assert Course.objects.get().title == "The Unix Shell"


@pytest.mark.parametrize(
    "name", ["README.md", "readme.MD", "LICENSE.md", "Contributing.md", "CHANGELOG.md", ".hid.md"]
)
def test_files_about_the_folder_are_no_lessons(db, folder, name):
    run(folder({**FILES, name: "# About\n"}))
    assert Lesson.objects.count() == 2


def test_front_matter_says_access_language_and_slug(db, folder):
    text = (
        "---\ntitle: مقدمة\nslug: intro_ar\naccess: Premium\nlanguage: ar\nteaching: 5\n---\nنص\n"
    )
    run(folder({"x.md": text}))
    lesson = Lesson.objects.get()
    assert (lesson.slug, lesson.title, lesson.access, lesson.language) == (
        "intro_ar",
        "مقدمة",
        Tier.PREMIUM,
        "ar",
    )


def test_without_front_matter_the_first_heading_is_the_title_and_lines_stay_right(db, folder):
    body = "# Über uns 🎉 #\n\nText.\n\n![x](fig/none.png)\n"
    _, err = run(folder({"03-about_us.md": body, "04-no.title.md": "Only text.\n"}))
    lesson = Lesson.objects.get(slug="about_us")
    assert lesson.title == "Über uns 🎉"
    assert "Über" not in lesson.body
    assert "03-about_us.md:5" in err
    assert Lesson.objects.get(position=2).title == "No.title"


def test_a_file_name_without_latin_letters_makes_a_lasting_address_and_a_warning(db, folder):
    root = folder({"01-はじめに.md": "---\ntitle: はじめに\n---\n本文\n"})
    _, err = run(root)
    slug = Lesson.objects.get().slug
    assert slug.startswith("lesson-")
    assert slug in err
    assert "nothing changed" in run(root)[0]


def test_a_missing_figure_is_a_warning_with_file_and_line_and_shows_its_text(db, folder):
    text = "---\ntitle: A\n---\n\n![a tall tree](fig/none.png)\n\n![up](../../etc/passwd.png)\n"
    _, err = run(folder({"a.md": text}), "--publish")
    assert "a.md:5" in err
    assert "a.md:7" in err
    assert "a tall tree" in LessonRendition.objects.get().body_html


def test_an_unusable_figure_is_a_warning_and_shows_its_text(db, folder):
    files = {"a.md": "![a tree](fig/t.png)\n", "fig/t.png": b"<html>no picture</html>"}
    _, err = run(folder(files))
    assert "fig/t.png:" in err
    assert not CourseFigure.objects.exists()


def test_a_script_in_an_svg_is_never_stored(db, folder, media_root):
    run(folder({"a.md": "![a](fig/a.svg)\n", "fig/a.svg": SVG}))
    stored = [path.read_bytes() for path in media_root.glob("*/*") if path.is_file()]
    assert len(stored) == 1
    assert b"script" not in stored[0]


def test_a_text_that_is_too_complex_is_imported_with_a_warning_and_unusable(db, folder):
    _, err = run(folder({"a.md": "<b>" * 5000, "b.md": "Fine.\n"}), "--publish")
    assert "a.md:1: " in err
    assert lesson_page(reading_for(None, "shells/a")).state == "unusable"
    assert lesson_page(reading_for(None, "shells/b")).state == "ready"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(db, folder):
    text = "---\r\ntitle: Pipes\r\n---\r\n\r\nWords\x00 here.\r\n".encode("utf-8-sig")
    run(folder({"a.md": text}))
    lesson = Lesson.objects.get()
    assert (lesson.title, lesson.body) == ("Pipes", "\nWords here.\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("for_threads")
def test_two_first_imports_at_once_make_one_course(folder, monkeypatch):
    together = threading.Barrier(2)
    context = importing._context
    monkeypatch.setattr(
        importing,
        "_context",
        lambda *given, **more: (together.wait(20), context(*given, **more))[1],
    )

    def one(root):
        try:
            return course_import(folder=root, publish=True)
        finally:
            connection.close()

    for number in range(5):
        root = folder(FILES, name=f"race{number}")
        with ThreadPoolExecutor(2) as both:
            reports = list(both.map(one, [root, root]))
        assert sorted(report.is_new for report in reports) == [False, True]
        assert Lesson.objects.filter(course__slug=f"race{number}").count() == 2


def test_the_demo_course_is_loaded_once_and_again_when_its_folder_changes(folder, person):
    instructor = person("instructor", "instructor")
    root = folder(FILES)
    assert demo_course_ensure(folder=root).is_new
    assert Course.objects.get().owner == instructor
    assert demo_course_ensure(folder=root) is None
    Course.objects.update(status="draft")
    assert demo_course_ensure(folder=root) is None
    (root / "01-intro.md").write_text("---\ntitle: Intro 2\n---\nText.\n")
    assert demo_course_ensure(folder=root).changed == ("intro",)
    assert Course.objects.get().status == "published"


def test_the_demo_course_of_the_project_has_no_problem(db):
    report = demo_course_ensure()
    assert report.lesson_count >= 6
    assert report.warnings == ()
    assert not LessonRendition.objects.exclude(problem_code="").exists()
    assert demo_service.DEMO_FOLDER.name == report.slug
