"""A course's address is its own, also after it moved, and is nobody's number."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from academy.accounts.models import Role
from learning.conftest import publish
from learning.courses.errors import ImportRefusedError, SlugTakenError, SlugUnusableError
from learning.courses.models import Course, CourseAddress, Status
from learning.courses.selectors import course_named
from learning.courses.services import applying, course_save
from learning.courses.services.editing import course_delete, course_edit
from learning.courses.services.findings import Findings
from learning.courses.services.folders import read_folder
from learning.courses.tests.test_admin import course_form, desk, errors_of
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "desk", "shared_cache"]

JSON = {"content_type": "application/json"}


@pytest.fixture
def ivan(person):
    return person("ivan", Role.INSTRUCTOR)


@pytest.fixture
def moved(make_lesson):
    lesson = make_lesson()
    course_edit(course=Course.objects.get(pk=lesson.course_id), values={"slug": "turtles"})
    return Course.objects.get(pk=lesson.course_id)


def status_of(client, path):
    answer = client.get(path)
    return answer.status_code, answer.headers.get("Location")


def test_nobody_takes_an_address_that_leads_to_another_course(client, moved, ivan):
    other = Course.objects.create(slug="other", title="Other", owner=ivan)
    with pytest.raises(SlugTakenError):
        course_save(course=Course(slug="shells", title="Thief", owner=ivan))
    with pytest.raises(SlugTakenError):
        course_edit(course=other, values={"slug": "shells"})
    client.force_login(ivan)
    for answer in (
        client.post("/api/courses/", {"slug": "shells", "title": "Thief"}, **JSON),
        client.patch("/api/courses/other/", {"slug": "shells"}, **JSON),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "slug_taken")
    client.logout()
    assert status_of(client, "/courses/shells/pipes/") == (301, "/courses/turtles/pipes/")
    assert set(Course.objects.values_list("slug", flat=True)) == {"turtles", "other"}


def test_the_desk_takes_no_address_that_leads_to_another_course(desk, moved, ivan):
    other = Course.objects.create(slug="other", title="Other", owner=ivan)
    path = f"/admin/learning/course/{other.pk}/change/"
    for slug, said in (("shells", "Another course has this address"), ("2027", "digits alone")):
        refused = desk.post(path, course_form(other, slug=slug))
        assert refused.status_code == 200
        assert said in errors_of(refused)


def test_a_course_goes_back_to_where_it_was_and_a_deleted_one_frees_its_addresses(moved, ivan):
    course_edit(course=moved, values={"slug": "shells"})
    assert list(CourseAddress.objects.values_list("slug", flat=True)) == ["turtles"]
    course_delete(course=moved)
    course_save(course=Course(slug="turtles", title="Next", owner=ivan))


def test_a_folder_takes_no_address_that_was_left_while_it_was_read(folder, moved):
    plan = read_folder(folder({"a.md": "# A"}), findings=Findings())
    wanted = applying.WantedCourse(
        slug="shells",
        plan=plan,
        description_html="",
        figures=(),
        rendered={},
        publish=False,
        owner_id=None,
    )
    with transaction.atomic(), pytest.raises(ImportRefusedError, match="had it before"):
        applying.course_apply(wanted)


@pytest.mark.parametrize("slug", ["3", "0", "007", "9" * 80])
def test_no_new_address_is_of_digits_alone(client, course, ingrid, folder, slug):
    with pytest.raises(SlugUnusableError, match="digits alone"):
        course_save(course=Course(slug=slug, title="Hijack", owner=ingrid))
    client.force_login(ingrid)
    for answer in (
        client.post("/api/courses/", {"slug": slug, "title": "Hijack"}, **JSON),
        client.patch("/api/courses/shells/", {"slug": slug}, **JSON),
    ):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["attr"]) == (400, "slug")
    files = folder({"a.md": "# A"})
    with pytest.raises(CommandError, match="a course's number"):
        call_command("import_course", files, slug=slug)
    assert Course.objects.get() == course


def test_an_old_address_of_digits_is_no_way_to_anothers_course(client, make_lesson, ivan, alice):
    victim = make_lesson().course
    old = Course.objects.create(
        slug=str(victim.pk), title="Hijack", owner=ivan, status=Status.PUBLISHED
    )
    lesson_save(lesson=Lesson(course=old, slug="a", title="A", body="x", status="published"))
    publish(old)
    number = victim.pk
    client.force_login(alice)
    assert client.get(f"/api/courses/{number}/").headers["Location"] == "/api/courses/shells/"
    assert client.get(f"/api/courses/{old.pk}/").json()["id"] == old.pk
    answer = client.post(f"/api/courses/{number}/enrol/", {}, **JSON)
    assert (answer.status_code, Enrolment.objects.get().course) == (201, victim)
    assert client.get(f"/api/progress/{number}/").json()["course"] == "shells"
    # Pages go by addresses alone.
    assert client.get(f"/courses/{number}/").context["course"].id == old.pk
    client.post(f"/courses/{number}/enrol/", {})
    assert set(Enrolment.objects.values_list("course", flat=True)) == {victim.pk, old.pk}
    # Its instructor goes on writing it, by its number.
    client.force_login(ivan)
    changed = client.patch(f"/api/courses/{old.pk}/", {"title": "x", "slug": old.slug}, **JSON)
    assert changed.status_code == 200
    assert client.patch(f"/api/courses/{number}/", {"title": "x"}, **JSON).status_code == 403


@pytest.mark.parametrize("name", ["-1", "3a", "_3", "٣"])
def test_only_digits_are_an_id(course, name):
    Course.objects.filter(pk=course.pk).update(slug=name)
    assert course_named(None, name).pk == course.pk


@pytest.mark.django_db
def test_an_address_cut_off_above_a_course_leads_to_the_catalogue(client):
    assert client.get("/courses/")["Location"] == "/"
    assert client.get("/courses/?q=月")["Location"] == "/?q=%E6%9C%88"
