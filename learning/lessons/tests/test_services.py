from types import SimpleNamespace

import pytest
from django.urls import reverse

from learning.conftest import png
from learning.courses.models import Course
from learning.courses.paths import course_path, figure_path, lesson_path
from learning.courses.services import course_save, figure_delete, figure_put
from learning.lessons import services
from learning.lessons.models import Lesson, LessonAddress, LessonRendition
from learning.lessons.rendering import RENDERER_VERSION, link_resolver, mentioned, render_lesson
from learning.lessons.selectors import lesson_for, lesson_page
from learning.lessons.services import lesson_render, lesson_save, lessons_delete, lessons_refresh
from learning.lessons.sources import lesson_source
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import Job


def jobs():
    return list(Job.objects.filter(kind="learning.lesson_rendition").order_by("created_at", "pk"))


def test_a_saved_lesson_has_a_job_that_renders_it(make_lesson):
    lesson = make_lesson(rendered=False, body="Hello *there*.")
    (job,) = jobs()
    assert (job.params, job.lane, job.owner) == ({"lesson_id": lesson.pk}, "interactive", None)
    assert lesson_page(None, lesson).state == "rendering"
    lesson_render(**job.params)
    page = lesson_page(None, lesson_for(None, lesson.permalink))
    assert (page.state, page.minutes) == ("ready", 1)
    assert "<em>there</em>" in page.body_html


def test_saving_twice_asks_once(make_lesson):
    lesson = make_lesson(rendered=False)
    lesson_save(lesson=lesson)
    assert len(jobs()) == 1


def test_saving_a_rendered_lesson_unchanged_asks_for_nothing(make_lesson):
    lesson = make_lesson()
    Job.objects.all().delete()
    lesson_save(lesson=lesson)
    assert jobs() == []


def test_the_last_good_pages_stay_while_the_next_are_made(make_lesson):
    lesson = make_lesson(body="The old text.")
    lesson.body = "The new text."
    lesson_save(lesson=lesson)
    assert "The old text." in lesson_page(None, lesson_for(None, lesson.permalink)).body_html


def test_a_lesson_that_changed_while_it_was_rendered_keeps_its_newer_job(make_lesson):
    lesson = make_lesson(body="The old text.", rendered=False)
    source = lesson_source(lesson)
    old_hash = lesson.content_hash
    lesson.body = "The new text."
    lesson_save(lesson=lesson)
    stored = services.rendition_store(
        lesson_id=lesson.pk,
        seen_hash=old_hash,
        content_hash=source.content_hash,
        rendered=render_lesson(source),
    )
    assert not stored
    assert not LessonRendition.objects.exists()
    assert len(jobs()) == 2


def test_a_lesson_that_is_gone_is_not_rendered(db):
    assert lesson_render(lesson_id=2**62) is False


def test_rendering_twice_is_one_rendition(make_lesson):
    lesson = make_lesson()
    assert lesson_render(lesson_id=lesson.pk)
    assert LessonRendition.objects.count() == 1


def test_a_text_that_is_too_complex_is_unusable_and_says_why(make_lesson):
    lesson = make_lesson(body="<b>" * 5000)
    page = lesson_page(None, lesson_for(None, lesson.permalink))
    assert (page.state, page.body_html) == ("unusable", "")
    assert page.problem
    lesson.body = "Better."
    lesson_save(lesson=lesson)
    assert lesson_page(None, lesson_for(None, lesson.permalink)).state == "rendering"
    lesson_render(lesson_id=lesson.pk)
    assert lesson_page(None, lesson_for(None, lesson.permalink)).state == "ready"


def test_an_unusable_text_is_not_asked_for_again(make_lesson, course):
    make_lesson(body="<b>" * 5000)
    Job.objects.all().delete()
    assert lessons_refresh(course_id=course.pk) == 0


def test_a_newer_renderer_makes_everything_anew(make_lesson):
    lesson = make_lesson()
    Job.objects.all().delete()
    LessonRendition.objects.update(renderer_version=RENDERER_VERSION - 1)
    assert services.renditions_refresh() == 1
    assert jobs()[0].params == {"lesson_id": lesson.pk}


@pytest.mark.parametrize(
    "change",
    [
        lambda lesson, course, owner: Course.objects.filter(pk=course.pk).update(title="Other"),
        lambda lesson, course, owner: Course.objects.filter(pk=course.pk).update(language="ja"),
        lambda lesson, course, owner: type(owner).objects.update(display_name="Ínga"),
        lambda lesson, course, owner: Lesson.objects.update(body="Another ![x](fig/tree.png)"),
        lambda lesson, course, owner: Lesson.objects.update(title="Another"),
        lambda lesson, course, owner: Lesson.objects.update(language="ar"),
    ],
)
def test_everything_that_a_document_shows_changes_its_hash(make_lesson, course, ingrid, change):
    lesson = make_lesson(body="See ![x](fig/tree.png)", rendered=False)
    before = lesson.content_hash
    change(lesson, course, ingrid)
    lessons_refresh(course_id=course.pk)
    lesson.refresh_from_db()
    assert lesson.content_hash != before


def test_only_lessons_that_may_show_a_figure_follow_it(make_lesson, course):
    shows = make_lesson("a", body="![x](fig/my%20tree.png)")
    other = make_lesson("b", body="Nothing to see.")
    hashes = shows.content_hash, other.content_hash
    figure = figure_put(course_id=course.pk, name="fig/my tree.png", data=png())
    shows.refresh_from_db()
    other.refresh_from_db()
    assert shows.content_hash != hashes[0]
    assert other.content_hash == hashes[1]
    figure_delete(figure=figure)
    shows.refresh_from_db()
    assert shows.content_hash == hashes[0]


def test_an_author_who_is_renamed_is_renamed_in_documents(make_lesson, ingrid):
    lesson = make_lesson(rendered=False)
    before = lesson.content_hash
    ingrid.display_name = "Ingrid Å."
    ingrid.save()
    lesson.refresh_from_db()
    assert lesson.content_hash != before


def test_signing_in_does_not_look_at_courses(ingrid, course, django_assert_num_queries):
    with django_assert_num_queries(1):
        ingrid.save(update_fields=["last_login"])


def test_an_old_permalink_finds_the_lesson_until_another_takes_it(make_lesson, course):
    lesson = make_lesson("old", rendered=False)
    lesson.slug = "new"
    lesson_save(lesson=lesson)
    assert lesson_for(None, "shells/old").permalink == "shells/new"
    lesson.slug = "newest"
    lesson_save(lesson=lesson)
    course.slug = "turtles"
    course_save(course=course)
    for permalink in ("shells/old", "shells/new", "turtles/new", "shells/newest"):
        assert lesson_for(None, permalink).permalink == "turtles/newest"
    taker = make_lesson("old", rendered=False)
    assert lesson_for(None, "turtles/old") == taker
    lesson.slug = "new"
    lesson_save(lesson=lesson)
    assert not LessonAddress.objects.filter(slug="new").exists()


def test_a_lesson_that_moves_to_another_course_is_found_under_both(make_lesson, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid, status="published")
    lesson = make_lesson("pipes", rendered=False)
    lesson.course = other
    lesson_save(lesson=lesson)
    assert lesson_for(None, "shells/pipes").permalink == "other/pipes"


def test_links_to_a_lesson_follow_when_it_moves_or_goes(make_lesson):
    target = make_lesson("loops", source_name="02-loops.md", rendered=False)
    linking = make_lesson("pipes", body="See [loops](../episodes/02-loops.html#top).")
    assert 'href="/courses/shells/loops/#top"' in linking.rendition.body_html
    target.slug = "circles"
    lesson_save(lesson=target)
    lesson_render(lesson_id=linking.pk)
    linking.rendition.refresh_from_db()
    assert 'href="/courses/shells/circles/#top"' in linking.rendition.body_html
    lessons_delete(lessons=Lesson.objects.filter(pk=target.pk))
    lesson_render(lesson_id=linking.pk)
    linking.rendition.refresh_from_db()
    assert "href" not in linking.rendition.body_html


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("02-loops.md", "/l/"),
        ("02-loops.html#a", "/l/#a"),
        ("../episodes/02-loops.md", "/l/"),
        ("./02-loops.Rmd?x=1#b", "/l/#b"),
        ("02-loops/", "/l/"),
        ("02-loops.zip", None),
        ("../learners/setup.md", None),
    ],
)
def test_links_between_lessons_are_found_however_they_are_written(target, found):
    assert link_resolver({"02-loops": "/l/"})(target) == found


def test_a_mention_may_be_encoded_escaped_or_an_entity():
    names = {"fig/my tree_1.png": 1, "fig/木.svg": 1, "fig/other.png": 1}
    body = r"![a](fig/my%20tree\_1.png) ![b](fig/&#26408;.svg)"
    assert mentioned(body, names) == {"fig/my tree_1.png", "fig/木.svg"}


@pytest.mark.urls("academy.urls")
def test_written_paths_are_the_routes(make_lesson):
    assert course_path("a-b") == reverse("courses:course", args=["a-b"])
    assert lesson_path("a-b/c") == reverse("lessons:lesson", args=["a-b", "c"])
    expected = reverse("lessons:figure", args=["a-b", "fig/木 1?.svg"]) + "?v=" + "0" * 16
    assert figure_path("a-b", "fig/木 1?.svg", digest="0" * 64) == expected


@pytest.mark.parametrize(
    "title", ["はじめに🌸", "مقدمة في الصدفة", "a\x00b\x0bc\ud800", "👩‍🚀 " * 40]
)
def test_a_title_may_be_in_any_language_and_holds_no_control_character(make_lesson, title):
    lesson = make_lesson(title=title[:200], body="Text.")
    assert lesson.title
    assert not set("\x00\x0b\ud800") & set(lesson.title)
    assert lesson_page(None, lesson_for(None, lesson.permalink)).title == lesson.title


def test_an_arabic_lesson_runs_from_right_to_left(make_lesson):
    lesson = make_lesson(language="ar", title="مقدمة", body="نص")
    page = lesson_page(None, lesson_for(None, lesson.permalink))
    assert (page.language, page.direction) == ("ar", "rtl")


def test_the_job_of_a_lesson_makes_its_pages(make_lesson):
    lesson = make_lesson(rendered=False, body="Hello.")
    (job,) = jobs()
    checkpoints = []
    context = SimpleNamespace(checkpoint=lambda: checkpoints.append(1))
    kind_named(job.kind).run(context, **job.params)
    assert checkpoints
    assert lesson_page(None, lesson_for(None, lesson.permalink)).state == "ready"
