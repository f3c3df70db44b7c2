import pytest

from academy.accounts.models import User
from learning.courses.models import Course, CourseStaff, Status
from learning.courses.services import course_save


@pytest.fixture
def catalogue(ingrid, course):
    Course.objects.create(slug="ja", title="シェル入門", summary="はじめに", language="ja", owner=ingrid, status="published", level="beginner")  # fmt: skip
    Course.objects.create(slug="ar", title="مقدمة 🌙", language="ar", status="published")
    Course.objects.create(slug="draft", title="Draft", owner=ingrid)


def titles(client, query=""):
    return [card.title for card in client.get(f"/?{query}").context["page"].object_list]


def test_strangers_see_what_is_published_and_owners_their_drafts(client, catalogue, ingrid, bob):
    assert titles(client) == ["Shells 🐚", "مقدمة 🌙", "シェル入門"]
    client.force_login(bob)
    assert "Draft" not in titles(client)
    client.force_login(ingrid)
    assert "Draft" in titles(client)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=シェル", ["シェル入門"]),
        ("q=はじめ", ["シェル入門"]),
        ("q=🌙", ["مقدمة 🌙"]),
        ("q=shells", ["Shells 🐚"]),
        ("q=%25", []),
        ("q=%27%3B--", []),
        ("q=" + "x" * 5000, []),
        ("q=Draft", []),
    ],
)
def test_the_catalogue_is_searched_by_title_and_summary(client, catalogue, query, found):
    assert titles(client, query) == found


def test_a_course_is_found_by_its_published_lessons_and_still_counts_all(
    client, catalogue, make_lesson, django_assert_max_num_queries
):
    make_lesson("pipes", title="Pipes and 水")
    make_lesson("more", title="More pipes")
    make_lesson("secret", title="Hidden tubes", status="draft")
    assert titles(client, "q=pipes") == ["Shells 🐚"]
    with django_assert_max_num_queries(3):
        card = client.get("/?q=水").context["page"].object_list[0]
    assert card.lesson_count == 2
    assert titles(client, "q=tubes") == []
    found = client.get("/api/courses/?q=pipes").json()
    assert (found["count"], found["results"][0]["lesson_count"]) == (1, 2)


def test_the_catalogue_is_searched_by_summaries_of_lessons_and_says_so(
    client, catalogue, make_lesson
):
    make_lesson("pipes", summary="Was das Wasser trägt", body="A sluice.")
    make_lesson("secret", summary="Hidden tubes", status="draft")
    assert titles(client, "q=wasser") == ["Shells 🐚"]
    assert client.get("/api/courses/?q=Wasser").json()["count"] == 1
    assert titles(client, "q=tubes") == titles(client, "q=sluice") == []
    said = client.get("/?q=sluice").content.decode()
    assert "titles and summaries of courses and of their lessons are searched" in said


@pytest.mark.parametrize("number", ["-1", "0", "x", "2", str(2**80), "9" * 5000, "", "1.5"])
def test_a_page_number_of_nonsense_shows_a_page(client, catalogue, number):
    response = client.get("/", {"page": number})
    assert response.status_code == 200
    assert response.context["page"].object_list


def test_a_card_counts_the_release_and_the_draft_where_that_is_asked_for(
    client, make_lesson, ingrid
):
    make_lesson("a")
    make_lesson("b", rendered=False)
    make_lesson("c", status="draft")
    card = client.get("/").context["page"].object_list[0]
    assert (card.lesson_count, card.minutes, card.direction) == (2, 2, "ltr")
    path = f"/api/courses/{card.slug}/"
    as_released = client.get(path).json()
    client.force_login(ingrid)
    card = client.get("/").context["page"].object_list[0]
    assert (card.lesson_count, card.minutes) == (2, 2)
    told = {query: client.get(path + query).json() for query in ("", "?draft=1")}
    counts = {query: (one["lesson_count"], one["minutes"]) for query, one in told.items()}
    assert counts == {"": (2, 2), "?draft=1": (3, 4)}
    assert as_released["lesson_count"] == 2
    course = Course.objects.get(slug=card.slug)
    Course.objects.filter(pk=course.pk).update(newest_release=None)
    card = client.get("/").context["page"].object_list[0]
    assert (card.lesson_count, card.minutes) == (3, 4), "there is nothing else to count yet"


def test_the_catalogue_costs_the_same_with_many_courses(
    client, ingrid, django_assert_max_num_queries
):
    for n in range(60):
        Course.objects.create(slug=f"c{n}", title=f"C{n}", owner=ingrid, status="published")
    with django_assert_max_num_queries(3):
        client.get("/")
    with django_assert_max_num_queries(2):
        client.get("/api/courses/?page_size=100")


def test_the_course_page_shows_description_and_locks(client, course, make_lesson, premium, alice):
    course.description = "With **care** <script>alert(1)</script>."
    course_save(course=course)
    make_lesson("free")
    context = client.get("/courses/shells/").context
    assert "<strong>care</strong>" in context["course"].description_html
    assert "script" not in context["course"].description_html
    locks = {link.title: link.is_locked for link in context["sections"][0].lessons}
    assert locks == {"Secrets": True, "Free": False}


def test_the_api_lists_courses(client, catalogue):
    body = client.get("/api/courses/?ordering=-title").json()
    assert [row["slug"] for row in body["results"]] == ["ja", "ar", "shells"]
    assert client.get("/api/courses/?level=beginner").json()["results"][0]["slug"] == "ja"
    assert client.get("/api/courses/?language=AR").json()["count"] == 1
    assert client.get("/api/courses/?q=シェル").json()["count"] == 1
    assert client.get("/api/courses/?level=none").status_code == 400
    assert client.get("/api/courses/?owner__password=x").json()["count"] == 3
    assert client.get(f"/api/courses/?page={2**80}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        *("is_free=maybe", "is_free=2", "ordering=-owner__password", "ordering=price"),
        *("page_size=x", "page_size=-5", "page_size=0", "level=none", "page=0"),
    ],
)
def test_rubbish_in_a_query_is_refused_by_its_name(client, catalogue, query):
    response = client.get(f"/api/courses/?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == query.partition("=")[0]


def test_courses_are_free_or_not(client, catalogue):
    Course.objects.filter(slug="ja").update(price=100)

    def slugs(query):
        found = client.get(f"/api/courses/?{query}").json()["results"]
        return {row["slug"] for row in found}

    assert slugs("is_free=true") == slugs("is_free=1") == {"ar", "shells"}
    assert slugs("is_free=false") == {"ja"}
    assert slugs("is_free=") == {"ja", "ar", "shells"}


def test_the_api_shows_a_course_with_permalinks_and_no_texts(
    client, make_lesson, premium, django_assert_max_num_queries
):
    make_lesson("free")
    with django_assert_max_num_queries(3):
        response = client.get("/api/courses/shells/")
    body = response.json()
    assert (body["owner_name"], body["lesson_count"]) == ("Ingrid", 2)
    lessons = body["sections"][0]["lessons"]
    assert [(row["permalink"], row["is_locked"]) for row in lessons] == [
        ("shells/secrets", True),
        ("shells/free", False),
    ]
    assert "word" not in response.content.decode()


def test_a_course_names_who_teaches_it_and_nobody_else(
    client, make_lesson, course, person, django_assert_max_num_queries
):
    make_lesson("free")
    posts = {"zoë": "co_instructor", "ana": "co_instructor", "asa": "assistant"}
    for name, role in {**posts, "gone": "co_instructor", "ingrid": "co_instructor"}.items():
        found = User.objects.filter(username=name).first() or person(name)
        CourseStaff.objects.create(course=course, person=found, role=role)
    User.objects.filter(username="gone").update(is_active=False)
    unnamed = User.objects.create(username="unnamed", email="unnamed@example.org")
    CourseStaff.objects.create(course=course, person=unnamed, role="co_instructor")
    with django_assert_max_num_queries(3):
        body = client.get("/api/courses/shells/").json()
    assert body["teachers"] == ["Ingrid", "Ana", "Zoë"]
    with django_assert_max_num_queries(3):
        text = client.get("/courses/shells/").content.decode()
    assert "Taught by <bdi>Ingrid</bdi>, <bdi>Ana</bdi>, <bdi>Zoë</bdi></p>" in text
    for hidden in ("Asa", "Gone", "unnamed"):
        assert hidden not in text


def test_a_course_without_an_owner_names_the_others(client, make_lesson, course, person):
    make_lesson("free")
    CourseStaff.objects.create(course=course, person=person("ana"), role="co_instructor")
    Course.objects.update(owner=None)
    assert client.get("/api/courses/shells/").json()["teachers"] == ["Ana"]
    CourseStaff.objects.all().delete()
    assert client.get("/api/courses/shells/").json()["teachers"] == []
    assert "Taught by" not in client.get("/courses/shells/").content.decode()


def test_drafts_and_old_addresses_answer_as_on_the_page(client, course, ingrid):
    course.slug = "turtles"
    course_save(course=course)
    moved = client.get("/api/courses/shells/")
    assert (moved.status_code, moved["Location"]) == (301, "/api/courses/turtles/")
    Course.objects.update(status=Status.DRAFT)
    for path in ("/api/courses/shells/", "/api/courses/turtles/", "/api/courses/none/"):
        assert client.get(path).status_code == 404
    client.force_login(ingrid)
    assert client.get("/api/courses/turtles/").json()["is_draft"] is True
