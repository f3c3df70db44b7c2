from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from learning.conftest import png, publish, save_and_publish
from learning.courses.models import Course
from learning.courses.paths import course_path, figure_path, lesson_path
from learning.courses.services import course_save, figure_delete, figure_put
from learning.lessons import services
from learning.lessons.errors import LessonNotFoundError, LessonReleasedError, ReservedSlugError
from learning.lessons.models import Lesson, LessonAddress, LessonRendition, LessonRevision
from learning.lessons.rendering import RENDERER_VERSION, link_resolver, mentioned, render_lesson
from learning.lessons.selectors import lesson_page, reading_for
from learning.lessons.services import lesson_save, lessons_delete, lessons_refresh, revision_render
from learning.lessons.sources import revision_source
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import Job


def jobs():
    return list(Job.objects.filter(kind="learning.lesson_rendition").order_by("created_at", "pk"))


def test_a_saved_lesson_has_a_job_that_renders_it(make_lesson):
    lesson = make_lesson(rendered=False, body="Hello *there*.")
    (job,) = jobs()
    assert (job.params, job.lane, job.owner) == (
        {"revision_id": lesson.draft_revision_id},
        "interactive",
        None,
    )
    assert lesson_page(reading_for(None, lesson.permalink)).state == "rendering"
    revision_render(**job.params)
    page = lesson_page(reading_for(None, lesson.permalink))
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
    save_and_publish(lesson)
    page = lesson_page(reading_for(None, lesson.permalink))
    assert (page.state, page.content_hash) == ("ready", lesson.content_hash)
    assert "The old text." in page.body_html
    revision_render(revision_id=lesson.draft_revision_id)
    assert "The new text." in lesson_page(reading_for(None, lesson.permalink)).body_html


def test_readers_see_a_draft_with_the_next_release_and_its_instructors_before(make_lesson, ingrid):
    lesson = make_lesson(body="The old text.")
    lesson.title, lesson.body = "Other", "The new text."
    lesson_save(lesson=lesson)
    revision_render(revision_id=lesson.draft_revision_id)
    for person in (None, ingrid):
        page = lesson_page(reading_for(person, lesson.permalink))
        assert (page.title, page.release, page.is_draft) == ("Pipes", 1, False)
        assert "The old text." in page.body_html
        assert page.has_draft is (person == ingrid)
    draft = lesson_page(reading_for(ingrid, lesson.permalink, draft=True))
    assert (draft.title, draft.release, draft.is_draft) == ("Other", None, True)
    assert "The new text." in draft.body_html
    with pytest.raises(LessonNotFoundError):
        reading_for(None, lesson.permalink, draft=True)
    publish(lesson.course)
    assert lesson_page(reading_for(None, lesson.permalink)).title == "Other"
    assert not reading_for(ingrid, lesson.permalink, draft=True).is_draft


def test_a_lesson_that_changed_while_it_was_rendered_has_both_revisions(make_lesson):
    lesson = make_lesson(body="The old text.", rendered=False)
    old = lesson.draft_revision
    lesson.body = "The new text."
    lesson_save(lesson=lesson)
    assert services.rendition_store(
        revision_id=old.pk, rendered=render_lesson(revision_source(old))
    )
    assert LessonRendition.objects.get().revision == old
    assert len(jobs()) == 2


def test_a_revision_that_is_gone_is_not_rendered(make_lesson):
    assert revision_render(revision_id=2**62) is False
    lesson = make_lesson(rendered=False, status="draft")
    rendered = render_lesson(revision_source(lesson.draft_revision))
    lesson.delete()
    assert not services.rendition_store(revision_id=lesson.draft_revision_id, rendered=rendered)


def test_rendering_twice_is_one_rendition(make_lesson):
    lesson = make_lesson()
    assert revision_render(revision_id=lesson.draft_revision_id)
    assert LessonRendition.objects.count() == 1


def test_a_text_that_is_too_complex_is_unusable_and_says_why(make_lesson):
    lesson = make_lesson(body="<b>" * 5000)
    page = lesson_page(reading_for(None, lesson.permalink))
    assert (page.state, page.body_html) == ("unusable", "")
    assert page.problem
    lesson.body = "Better."
    save_and_publish(lesson)
    assert lesson_page(reading_for(None, lesson.permalink)).state == "rendering"
    revision_render(revision_id=lesson.draft_revision_id)
    assert lesson_page(reading_for(None, lesson.permalink)).state == "ready"


def test_an_unusable_text_is_not_asked_for_again(make_lesson, course):
    make_lesson(body="<b>" * 5000)
    Job.objects.all().delete()
    assert lessons_refresh(course_id=course.pk) == 0


def test_a_change_of_a_large_course_asks_for_its_pages_with_one_job(make_lesson, course):
    for number in range(25):
        make_lesson(f"lesson-{number}", body="Text.", published=False)
    Job.objects.all().delete()
    course = Course.objects.get(pk=course.pk)
    course.title = "Other shells"
    course_save(course=course)
    asked = Job.objects.get()
    assert asked.kind == "learning.course_renditions"
    assert asked.params == {"course_id": course.pk}
    course.title = "Other shells again"
    course_save(course=course)
    assert Job.objects.count() == 2


def test_a_newer_renderer_makes_everything_anew(make_lesson):
    lesson = make_lesson()
    Job.objects.all().delete()
    LessonRendition.objects.update(renderer_version=RENDERER_VERSION - 1)
    assert services.renditions_refresh() == 1
    assert jobs()[0].params == {"revision_id": lesson.draft_revision_id}


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
    assert reading_for(None, "shells/old").permalink == "shells/new"
    lesson.slug = "newest"
    lesson_save(lesson=lesson)
    course.slug = "turtles"
    course_save(course=course)
    for permalink in ("shells/old", "shells/new", "turtles/new", "shells/newest"):
        assert reading_for(None, permalink).permalink == "turtles/newest"
    taker = make_lesson("old", rendered=False)
    assert reading_for(None, "turtles/old").lesson == taker
    lesson.slug = "new"
    lesson_save(lesson=lesson)
    assert not LessonAddress.objects.filter(slug="new").exists()


def test_a_lesson_that_moves_to_another_course_is_found_under_both(make_lesson, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid, status="published")
    lesson = make_lesson("pipes", rendered=False)
    lesson.course = other
    save_and_publish(lesson)
    assert reading_for(None, "shells/pipes").permalink == "other/pipes"


def test_links_to_a_lesson_follow_when_it_moves_or_goes(make_lesson):
    target = make_lesson("loops", source_name="02-loops.md", status="draft", rendered=False)
    linking = make_lesson("pipes", body="See [loops](../episodes/02-loops.html#top).")

    def written():
        linking.refresh_from_db()
        revision_render(revision_id=linking.draft_revision_id)
        return linking.draft_revision.rendition.body_html

    assert 'href="/courses/shells/loops/#top"' in written()
    target.slug = "circles"
    lesson_save(lesson=target)
    assert 'href="/courses/shells/circles/#top"' in written()
    lessons_delete(lessons=Lesson.objects.filter(pk=target.pk))
    assert "href" not in written()


def test_a_lesson_of_a_release_is_not_deleted(make_lesson):
    lesson, draft = make_lesson(), make_lesson("draft", status="draft")
    with pytest.raises(LessonReleasedError, match="Pipes"):
        lessons_delete(lessons=Lesson.objects.all())
    lessons_delete(lessons=Lesson.objects.filter(pk=draft.pk))
    assert Lesson.objects.get() == lesson


def test_a_course_goes_with_its_releases(make_lesson, course):
    make_lesson()
    course.delete()
    assert not LessonRevision.objects.exists()


@pytest.mark.parametrize("slug", ["releases", "publish", "class", "figures"])
def test_pages_of_the_course_keep_their_addresses(make_lesson, slug):
    with pytest.raises(ReservedSlugError):
        make_lesson(slug)


def test_revisions_that_nobody_reads_are_let_go_by_age(make_lesson, course):
    lesson = make_lesson(body="In a release.")
    for body in ("Abandoned.", "The draft."):
        lesson.body = body
        lesson_save(lesson=lesson)
    assert services.revisions_collect(older_than_seconds=60) == 0
    LessonRevision.objects.update(created_at=Now() - timedelta(seconds=61))
    assert services.revisions_collect(older_than_seconds=60) == 1
    kept = set(LessonRevision.objects.values_list("body", flat=True))
    assert kept == {"In a release.", "The draft."}


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
    assert lesson_page(reading_for(None, lesson.permalink)).title == lesson.title


def test_an_arabic_lesson_runs_from_right_to_left(make_lesson):
    lesson = make_lesson(language="ar", title="مقدمة", body="نص")
    page = lesson_page(reading_for(None, lesson.permalink))
    assert (page.language, page.direction) == ("ar", "rtl")


def test_the_job_of_a_lesson_makes_its_pages(make_lesson):
    lesson = make_lesson(rendered=False, body="Hello.")
    (job,) = jobs()
    checkpoints = []
    context = SimpleNamespace(checkpoint=lambda: checkpoints.append(1))
    kind_named(job.kind).run(context, **job.params)
    assert checkpoints
    assert lesson_page(reading_for(None, lesson.permalink)).state == "ready"
