import pytest
from django.utils.safestring import SafeString

from learning.conftest import SVG, png, publish
from learning.courses.models import Course, Section
from learning.courses.services import course_save, figure_put, figures_collect
from learning.enrolments.models import Enrolment
from learning.lessons import panels
from learning.lessons.models import LessonFigure, Tier
from learning.lessons.services import lesson_save, revision_render


def test_everybody_reads_a_free_lesson(client, make_lesson):
    lesson = make_lesson(title="はじめに 🌸")
    response = client.get(f"/courses/{lesson.permalink}/")
    assert response.status_code == 200
    assert "word20" in response.content.decode()
    assert "はじめに 🌸" in response.content.decode()
    assert "X-Robots-Tag" not in response


def test_a_gated_page_holds_nothing_of_the_rest(client, premium, bob):
    client.force_login(bob)
    response = client.get(f"/courses/{premium.permalink}/")
    text = response.content.decode()
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    assert "word1 " in text
    for n in range(6, 21):
        assert f"word{n} " not in text
        assert f"Part {n}<" not in text
        assert f"part-{n}" not in text


def test_a_grant_opens_the_whole_page(client, premium, alice, granted):
    client.force_login(alice)
    response = client.get(f"/courses/{premium.permalink}/")
    assert "word20" in response.content.decode()
    assert "X-Robots-Tag" not in response


@pytest.mark.parametrize("path", ["/courses/shells/nothing/", "/courses/no/pipes/", "/courses/x/"])
def test_what_is_not_there_is_not_found(client, course, path):
    assert client.get(path).status_code == 404


def test_a_draft_is_not_there_for_strangers_whatever_its_address(client, make_lesson, ingrid):
    lesson = make_lesson("old", status="draft")
    lesson.slug = "new"
    lesson_save(lesson=lesson)
    assert client.get("/courses/shells/new/").status_code == 404
    assert client.get("/courses/shells/old/").status_code == 404
    client.force_login(ingrid)
    assert client.get("/courses/shells/new/").status_code == 200


def test_old_permalinks_redirect_for_good(client, make_lesson, course):
    lesson = make_lesson("old")
    lesson.slug = "new"
    lesson_save(lesson=lesson)
    course.slug = "turtles"
    course_save(course=course)
    response = client.get("/courses/shells/old/")
    assert (response.status_code, response["Location"]) == (301, "/courses/turtles/new/")
    response = client.get("/courses/shells/")
    assert (response.status_code, response["Location"]) == (301, "/courses/turtles/")


def test_neighbours_and_contents_follow_the_sections(client, make_lesson, course):
    second = Section.objects.create(course=course, title="Second", position=2)
    first = Section.objects.create(course=course, title="First", position=1)
    make_lesson("c", section=second, position=1)
    make_lesson("a", section=first, position=2)
    make_lesson("b", section=first, position=3)
    make_lesson("hidden", section=first, position=1, status="draft")
    make_lesson("loose")
    context = client.get("/courses/shells/b/").context
    assert (context["previous"].title, context["next"].title) == ("A", "C")
    contents = [(s.title, [link.title for link in s.lessons]) for s in context["contents"]]
    assert contents == [("First", ["A", "B"]), ("Second", ["C"]), ("", ["Loose"])]
    assert [link.number for s in context["contents"] for link in s.lessons] == [1, 2, 3, 4]


def test_panels_of_other_apps_stand_on_the_page(client, make_lesson):
    lesson = make_lesson()

    def panel(request, shown):
        return SafeString(f"<p>panel of {shown.permalink}</p>")

    def nothing(request, shown):
        return None

    panels.register(panel)
    panels.register(nothing)
    try:
        text = client.get(f"/courses/{lesson.permalink}/").content.decode()
    finally:
        panels.forget(panel)
        panels.forget(nothing)
    assert text.count("panel of shells/pipes") == 1


def test_the_page_costs_as_many_queries_with_fifty_lessons_as_with_one(
    client, make_lesson, django_assert_max_num_queries
):
    for n in range(50):
        make_lesson(f"lesson-{n}", body="Text.", rendered=False)
    with django_assert_max_num_queries(6):
        client.get("/courses/shells/lesson-7/")
    with django_assert_max_num_queries(6):
        client.get("/courses/shells/")


@pytest.fixture
def figures(make_lesson, put_figure):
    put_figure("fig/first.png", png("red"))
    put_figure("fig/last.svg", SVG)
    put_figure("fig/unused.png", png("blue"))
    filler = "\n\n".join(f"Paragraph {n} with quite some words in it." for n in range(60))
    body = f"Short.\n\n![a](fig/first.png)\n\n{filler}\n\n![b](fig/last.svg)\n"
    return make_lesson("pictures", access=Tier.PREMIUM, body=body)


def test_figures_beyond_the_gate_are_not_served_to_strangers(client, figures, alice, granted):
    assert client.get("/courses/shells/figures/fig/first.png").status_code == 200
    assert client.get("/courses/shells/figures/fig/last.svg").status_code == 404
    assert client.get("/courses/shells/figures/fig/unused.png").status_code == 404
    client.force_login(alice)
    assert client.get("/courses/shells/figures/fig/last.svg").status_code == 200
    assert client.get("/courses/shells/figures/fig/unused.png").status_code == 404


def test_the_owner_sees_every_figure(client, figures, ingrid):
    client.force_login(ingrid)
    assert client.get("/courses/shells/figures/fig/unused.png").status_code == 200


def test_figures_of_a_draft_are_not_served(client, figures, course):
    Course.objects.filter(pk=course.pk).update(status="draft")
    assert client.get("/courses/shells/figures/fig/first.png").status_code == 404


def test_an_svg_is_served_without_its_script_and_in_a_sandbox(client, figures, ingrid):
    client.force_login(ingrid)
    response = client.get("/courses/shells/figures/fig/last.svg")
    assert b"script" not in response.content
    assert b"rect" in response.content
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["X-Content-Type-Options"] == "nosniff"
    raster = client.get("/courses/shells/figures/fig/first.png")
    assert "sandbox" not in raster.get("Content-Security-Policy", "")


def test_a_figure_answers_304_and_is_cached_by_its_digest(client, figures):
    path = "/courses/shells/figures/fig/first.png"
    response = client.get(path)
    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]
    again = client.get(path, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    version = response["ETag"].strip('"')[:16]
    assert "max-age" in client.get(f"{path}?v={version}")["Cache-Control"]
    assert client.get(f"{path}?v=")["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "fig", "fig/none.png", "x" * 900]
)
def test_a_figure_that_is_none_is_not_found(client, figures, name):
    assert client.get(f"/courses/shells/figures/{name}").status_code == 404


def test_a_page_that_is_posted_to_refuses(client, make_lesson):
    lesson = make_lesson()
    assert client.post(f"/courses/{lesson.permalink}/").status_code == 405


def test_an_old_release_shows_its_old_figure(client, make_lesson, course, alice, bob):
    figure_put(course_id=course.pk, name="fig/tree.png", data=png("red"))
    lesson = make_lesson(body="![a](fig/tree.png)")
    first = Course.objects.get(pk=course.pk).newest_release
    Course.objects.filter(pk=course.pk).update(release_policy="pinned")
    Enrolment.objects.create(course=course, person=alice, source="self", release=first)
    old = LessonFigure.objects.get().digest
    figure_put(course_id=course.pk, name="fig/tree.png", data=png("blue"))
    lesson.refresh_from_db()
    revision_render(revision_id=lesson.draft_revision_id)
    new = LessonFigure.objects.exclude(digest=old).get().digest
    path = "/courses/shells/figures/fig/tree.png"
    assert client.get(f"{path}?v={new[:16]}")["ETag"] == f'"{old}"', "it is not published yet"
    publish(course)
    for person, page, shown in ((alice, old, old), (bob, new, new)):
        client.force_login(person)
        assert f"?v={page[:16]}" in client.get(f"/courses/{lesson.permalink}/").content.decode()
        assert client.get(f"{path}?v={page[:16]}")["ETag"] == f'"{shown}"'
        assert client.get(path)["ETag"] == f'"{shown}"'
    client.force_login(alice)
    assert client.get(f"{path}?v={new[:16]}")["ETag"] == f'"{old}"'
    assert figures_collect(older_than_seconds=-1) == 0
