import pytest

from learning.courses.models import Course, CourseAddress, CourseStaff, Section, StaffRole
from learning.lessons.models import Lesson
from learning.releases.comparing import release_changes, release_compare
from learning.releases.history import release_numbered
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

RELEASES = "/courses/tides/releases/"


@pytest.fixture
def past(tides):
    return lambda number: release_changes(tides, release_numbered(tides, number))


@pytest.fixture
def teach(client, ingrid):
    client.force_login(ingrid)
    return client


@pytest.fixture
def two_releases(tides, lesson_of, publish):
    """All that a release can change; what was written since is none of it."""
    for position, slug in enumerate(["moon", "gone", "late", "sun"], start=1):
        lesson_of(slug, title=slug.title(), position=position, body=f"一。\n\n古い {slug}。")
    publish("はじめて")
    section = Section.objects.create(course=tides, title="満月", position=9)
    Lesson.objects.filter(slug="moon").update(
        body="一。\n\nنص جديد.", access="premium", is_required=False
    )
    Lesson.objects.filter(slug="gone").update(status="draft")
    Lesson.objects.filter(slug="late").update(section=section)
    lesson_of("new", title="الشمس", position=9)
    Course.objects.filter(pk=tides.pk).update(title="المد", level="beginner")


def test_a_release_tells_afterwards_what_was_told_before_it(two_releases, past, publish, tides):
    before = release_compare(Course.objects.get(pk=tides.pk))
    publish("دوم")
    Lesson.objects.update(body="Written since.", title="Since")
    Course.objects.filter(pk=tides.pk).update(title="Since")
    assert past(2) == before
    assert before.changed[0].text.lines
    for part in ("added", "removed", "moved", "changed", "touched", "course_settings"):
        assert getattr(before, part), part


def test_the_first_release_is_all_new(lesson_of, publish, past):
    lesson_of("moon", title="月")
    publish()
    lesson_of("sun")
    publish()
    first = past(1)
    assert (first.number, first.next_number, first.is_first) == (None, 1, True)
    assert [place.title for place in first.added] == ["月"]
    assert (first.changed, first.removed, first.moved) == ((), (), ())


def test_a_release_is_told_beside_the_one_before_it_not_beside_the_first(lesson_of, publish, past):
    lesson = lesson_of("moon", body="一")
    for text in ("一", "二", "三"):
        Lesson.objects.filter(pk=lesson.pk).update(body=text)
        publish()
    (change,) = past(3).changed
    assert [(line.sign, line.text) for line in change.text.lines] == [("-", "二"), ("+", "三")]


def test_a_hundred_lessons_are_compared_in_six_queries(
    past, lesson_of, publish, tides, django_assert_max_num_queries
):
    for number in range(100):
        lesson_of(f"lesson-{number}", position=number)
    publish()
    Lesson.objects.update(body="Other.")
    publish()
    with django_assert_max_num_queries(6):
        assert len(past(2).changed) == 100


def test_programs_read_what_a_release_changed(two_releases, publish, asked_by, ingrid):
    publish()
    teach = asked_by(ingrid)
    answer = teach.get(f"/api{RELEASES}2/changes/")
    told = answer.json()
    assert (told["number"], told["previous_number"]) == (2, 1)
    assert [place["title"] for place in told["added"]] == ["الشمس"]
    assert [place["permalink"] for place in told["removed"]] == ["tides/gone"]
    (change,) = told["changed"]
    assert [line["text"] for line in change["text"]["lines"] if line["kind"] == "added"] == [
        "نص جديد."
    ]
    assert "impact" not in told
    tag = {"If-None-Match": answer["ETag"]}
    assert teach.get(f"/api{RELEASES}2/changes/", headers=tag).status_code == 304
    assert teach.get(f"/api{RELEASES}1/changes/").json()["previous_number"] is None


def test_the_page_shows_it_and_the_list_leads_there(two_releases, publish, teach):
    publish("<b>二</b>")
    assert f'href="{RELEASES}2/"' in teach.get(RELEASES).content.decode()
    page = " ".join(teach.get(f"{RELEASES}2/").content.decode().split())
    for said in ("What it changed for readers", "الشمس", "نص جديد.", "古い moon。", "&lt;b&gt;二"):
        assert said in page
    assert f'href="{RELEASES}1/"' in page
    assert "?draft=1" not in page.partition("<main")[2]
    assert "The first release, with 4 lessons." in " ".join(
        teach.get(f"{RELEASES}1/").content.decode().split()
    )


def test_only_who_teaches_the_course_sees_it(
    lesson_of, publish, client, asked_by, tides, alice, person
):
    lesson_of("moon", access="premium")
    publish()
    assert client.get(f"{RELEASES}1/").status_code == 302
    assert asked_by().get(f"/api{RELEASES}1/changes/").status_code == 401
    client.force_login(alice)
    assert client.get(f"{RELEASES}1/").status_code == 403
    assert f'href="{RELEASES}1/"' not in client.get(RELEASES).content.decode()
    assert asked_by(alice).get(f"/api{RELEASES}1/changes/").status_code == 403
    asa = person("آسا")
    CourseStaff.objects.create(course=tides, person=asa, role=StaffRole.ASSISTANT)
    client.force_login(asa)
    assert client.get(f"{RELEASES}1/").status_code == 200
    assert asked_by(asa).get(f"/api{RELEASES}1/changes/").status_code == 200


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 19, "9" * 40])
def test_a_number_that_no_release_has_is_404(teach, asked_by, ingrid, lesson_of, publish, number):
    lesson_of("moon")
    publish()
    assert teach.get(f"{RELEASES}{number}/").status_code == 404
    assert asked_by(ingrid).get(f"/api{RELEASES}{number}/changes/").status_code == 404


def test_old_addresses_lead_to_the_present_one(teach, lesson_of, publish, tides):
    lesson_of("moon")
    publish()
    CourseAddress.objects.create(slug="ebb", course=tides)
    answer = teach.get("/courses/ebb/releases/1/")
    assert (answer.status_code, answer["Location"]) == (301, f"{RELEASES}1/")


def test_the_page_takes_a_constant_number_of_queries(
    teach, lesson_of, publish, django_assert_max_num_queries
):
    for number in range(30):
        lesson_of(f"lesson-{number}", position=number)
    publish()
    Lesson.objects.update(body="Other.")
    for number in range(30):
        lesson_of(f"new-{number}", position=number)
    publish()
    with django_assert_max_num_queries(16):
        assert teach.get(f"{RELEASES}2/").status_code == 200
