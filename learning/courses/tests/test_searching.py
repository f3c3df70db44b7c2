"""What the catalogue's search finds."""

import pytest

from learning.classes.selectors import ClassFilter, learners
from learning.conftest import save_and_publish
from learning.courses.models import Course
from learning.courses.searching import words_of
from learning.enrolments.models import Enrolment
from learning.enrolments.selectors import class_enrolments

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(course, make_lesson):
    Course.objects.filter(pk=course.pk).update(title="Files and the shell", summary="Where to be")
    make_lesson("pipes", title="Pipes and Übungen", summary="Was Wasser trägt")
    make_lesson("hidden", title="Sewers", status="draft")
    Course.objects.create(slug="ru", title="Мир Юникода", status="published")
    Course.objects.create(
        slug="ja", title="シェル入門", summary="ファイルと 🐚", status="published"
    )
    Course.objects.create(slug="ar", title="مقدمة في الصدفة", status="published")


def found(client, query):
    pages = [card.slug for card in client.get("/", {"q": query}).context["page"]]
    told = client.get("/api/courses/", {"q": query}).json()["results"]
    assert [row["slug"] for row in told] == pages
    return pages


@pytest.mark.parametrize(
    "query",
    [
        *("shell files", "FILES shell", "be files", "pipes shell", "wasser pipes where"),
        *('"the shell"', "“the shell” files", '"the shell', "shell shell", 'be"files"'),
        "shell\u3000files",
    ],
)
def test_each_word_may_stand_in_any_title_or_summary_in_any_order(client, shelf, query):
    assert found(client, query) == ["shells"]


@pytest.mark.parametrize(
    "query", ['"shell files"', "shell python", "shell sewers", "shell word1", "shell юникода", '"']
)
def test_a_course_without_one_of_the_words_is_not_found(client, shelf, query):
    assert found(client, query) == []


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        *(("ÜBUNGEN", "shells"), ("übungen", "shells"), ("TRÄGT files", "shells")),
        *(("ЮНИКОДА", "ru"), ("юникода мир", "ru"), ("シェル", "ja"), ("🐚 入門", "ja")),
        ("الصدفة مقدمة", "ar"),
    ],
)
def test_case_is_ignored_in_every_script(client, shelf, query, slug):
    assert found(client, query) == [slug]


def test_words_beyond_the_eighth_are_not_looked_for(client, shelf):
    eight = "files and the shell where to be pipes"
    assert found(client, f"{eight} nowhere") == ["shells"]
    assert words_of(f"{eight} nowhere") == eight.split()
    assert words_of('  "" \u201ca b\u201c c" ') == ["a b", "c"]
    assert words_of(" ") == []


def test_more_words_cost_no_more_queries(client, shelf, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        assert client.get("/?q=shell+files+ÜBUNGEN+wasser+to+be").context["page"].object_list
    with django_assert_max_num_queries(2):
        assert client.get("/api/courses/?q=shell+files+ÜBUNGEN+wasser").json()["count"] == 1


def test_lessons_are_searched_word_by_word_whatever_the_case(client, shelf):
    def lessons(query):
        return [row["title"] for row in client.get("/api/lessons/", {"q": query}).json()["results"]]

    assert lessons("TRÄGT pipes") == lessons("übungen wasser") == ["Pipes and Übungen"]
    assert lessons('"wasser trägt"') == ["Pipes and Übungen"]
    assert lessons("pipes shell") == lessons("sewers") == []


def test_people_are_found_whatever_the_case_of_their_names(course, person):
    learner = person("øystein")
    Enrolment.objects.create(course=course, person=learner, source="self")
    assert class_enrolments(course, query="ØYSTEIN").get().person == learner
    assert learners(course, ClassFilter(words="ØYST")).get().person == learner


def card_for(client, query):
    return client.get("/", {"q": query}).context["page"].object_list[0].found


def test_a_card_names_the_lessons_with_what_the_course_itself_does_not_say(
    client, shelf, make_lesson, django_assert_max_num_queries
):
    make_lesson("paid", title="More pipes", access="premium", language="ar")
    make_lesson("third", title="Wasser", summary="In pipes")
    with django_assert_max_num_queries(3):
        found = card_for(client, "pipes shell")
    assert [lesson.url for lesson in found.named] == [
        "/courses/shells/pipes/",
        "/courses/shells/paid/",
    ]
    assert (found.named[1].language, found.named[1].direction, found.more) == ("ar", "rtl", 1)
    assert card_for(client, "in wasser").named[0].title == "Wasser"
    text = client.get("/?q=pipes").content.decode()
    assert '<a href="/courses/shells/pipes/"' in text
    assert ">Pipes and Übungen</a>" in text
    assert "and 1 more" in text
    for named in ("shell", "FILES where", ""):
        assert card_for(client, named).named == []


def test_a_card_names_lessons_as_the_persons_own_release_has_them(
    client, shelf, course, make_lesson, alice
):
    Course.objects.filter(pk=course.pk).update(release_policy="pinned")
    course.refresh_from_db()
    Enrolment.objects.create(
        course=course, person=alice, source="self", release=course.newest_release
    )
    lesson = course.lessons.get(slug="pipes")
    lesson.title = "Tubes"
    lesson.summary = ""
    save_and_publish(lesson)
    assert found(client, "tubes") == ["shells"]
    client.force_login(alice)
    assert found(client, "tubes") == []
    assert [one.title for one in card_for(client, "ÜBUNGEN").named] == ["Pipes and Übungen"]


def meant(client, query, **filters):
    return [one.query for one in client.get("/", {"q": query, **filters}).context["suggestions"]]


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        *(("shlel fils", "shell files"), ("SHLEL", "shell"), ("pipse shell", "pipes shell")),
        *(
            ("ubungen", "übungen"),
            ("юникодо", "юникода"),
            ("シャル", "シェル"),
            ("الصدقة", "الصدفة"),
        ),
        *(("shell qqqqqq", "shell"), ("shell юникода", "shell")),
    ],
)
def test_where_nothing_is_found_what_was_meant_is_suggested(client, shelf, query, nearest):
    suggestions = meant(client, query)
    assert suggestions[0] == nearest
    assert len(suggestions) <= 3
    for suggestion in suggestions:
        assert found(client, suggestion)


@pytest.mark.parametrize("query", ["qqqqqq", "", "shell", '"', "sewrs", "🦀", "x" * 200, "a " * 99])
def test_nothing_is_suggested_where_something_is_found_or_nothing_is_near(client, shelf, query):
    assert meant(client, query) == []


def test_suggestions_keep_the_filters_and_find_something_with_them(client, shelf):
    Course.objects.filter(slug="shells").update(price=100)
    assert meant(client, "shlel", free="1") == []
    page = client.get("/?q=shlel&level=&language=en&page=3")
    assert page.context["suggestions"][0].url == "?q=shell&level=&language=en"
    text = page.content.decode()
    assert '<a href="?q=shell&amp;level=&amp;language=en"><bdi>shell</bdi></a>' in text
    status = text[text.index('role="status"') : text.index("data-results>")]
    assert "Did you mean:" in status
    assert "shell" in status
