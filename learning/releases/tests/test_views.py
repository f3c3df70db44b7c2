import pytest
from lxml import html

from academy.accounts.models import Role
from learning.courses.models import Course, CourseAddress, CourseStaff, StaffRole
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.progress.services import course_progress_refresh
from learning.releases.models import Release
from scheduler.jobs.tests.conftest import cache, shared_cache

__all__ = ["cache", "shared_cache"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]

PUBLISH = "/courses/tides/publish/"
RELEASES = "/courses/tides/releases/"


@pytest.fixture
def teach(client, ingrid):
    client.force_login(ingrid)
    return client


@pytest.fixture
def asa(person, tides):
    someone = person("آسا")
    CourseStaff.objects.create(course=tides, person=someone, role=StaffRole.ASSISTANT)
    return someone


def text(answer):
    return " ".join(answer.content.decode().split())


def test_before_it_is_published_the_page_says_what_changes_and_for_how_many(
    teach, lesson_of, publish, tides, alice
):
    lesson = lesson_of("moon", title="月", body="古い文。")
    publish()
    Enrolment.objects.create(course=tides, person=alice, source="self")
    course_progress_refresh(course_id=tides.pk)
    Lesson.objects.filter(pk=lesson.pk).update(body="新しい文。 <script>alert(1)</script>")
    lesson_of("sun", title="الشمس")
    page = text(teach.get(PUBLISH))
    assert "Publish release 2" in page
    assert "الشمس" in page
    assert "新しい文。 &lt;script&gt;" in page
    assert "古い文。" in page
    assert "1 learner reads it at once" in page


def test_each_line_of_a_text_runs_as_its_own_letters_do(teach, lesson_of, publish):
    lesson = lesson_of("moon", body="البحر\n\nقديم")
    publish()
    Lesson.objects.filter(pk=lesson.pk).update(body="البحر\n\nجديد")
    page = html.fromstring(teach.get(PUBLISH).content)
    lines = page.xpath('//*[@class="diff"]/*[@class="diff-line"]')
    turned = [line.xpath('*[@dir="auto"]') for line in lines]
    # Our own word before it would decide the direction otherwise.
    assert [one.text for found in turned for one in found] == ["البحر", " ", "قديم", "جديد"]
    assert not any(line.get("dir") for line in lines)


def test_a_change_at_the_end_of_a_long_paragraph_is_seen_and_marked(
    teach, asked_by, ingrid, lesson_of, publish
):
    long = "The sea comes and goes. " * 100
    lesson = lesson_of("moon", body=f"{long}<b>Twice</b> a day.")
    publish()
    Lesson.objects.filter(pk=lesson.pk).update(body=f"{long}<b>Once</b> a day.")
    page = html.fromstring(teach.get(PUBLISH).content)
    marks = page.xpath('//*[@class="diff"]//mark')
    assert [mark.text for mark in marks] == ["<b>Twice</b>", "<b>Once</b>"]
    lines = page.xpath('//*[@class="diff"]//*[@class="diff-text"]')
    assert [line.text[0] for line in lines] == ["…", "…"]
    (change,) = asked_by(ingrid).get("/api/courses/tides/changes/").data["changed"]
    gone, come = [line["text"] for line in change["text"]["lines"]]
    assert gone.replace("Twice", "Once") == come != gone


def test_who_confirms_publishes_and_is_told(teach, lesson_of, tides, ingrid):
    lesson_of("moon")
    answer = teach.post(PUBLISH, {"number": "1", "note": "はじめて\r\nعربي"})
    assert (answer.status_code, answer["Location"]) == (303, "/courses/tides/")
    release = Release.objects.get()
    assert (release.note, release.author) == ("はじめて\nعربي", ingrid)
    page = text(teach.get("/courses/tides/"))
    assert "Release 1 is published." in page
    assert PUBLISH in page
    assert RELEASES in page


def test_nothing_to_publish_is_said_before_and_after(teach, lesson_of, publish):
    page = text(teach.get(PUBLISH))
    assert "No lesson is marked to be published." in page
    lesson_of("moon")
    publish()
    assert "There is nothing to publish." in text(teach.get(PUBLISH))
    answer = teach.post(PUBLISH, {"number": "2"})
    assert answer.status_code == 409
    assert Release.objects.count() == 1


def test_a_course_that_was_taken_back_opens_with_the_release_it_had(
    teach, lesson_of, publish, tides
):
    lesson_of("moon")
    publish()
    Course.objects.filter(pk=tides.pk).update(status="draft")
    assert "Open with release 1" in text(teach.get(PUBLISH))
    answer = teach.post(PUBLISH, {"number": "2"}, follow=True)
    assert "open again with release 1" in text(answer)


def test_what_somebody_else_published_meanwhile_is_not_published_again(teach, lesson_of, publish):
    lesson_of("moon")
    publish()
    lesson_of("sun")
    answer = teach.post(PUBLISH, {"number": "1", "note": "私の言葉"})
    assert answer.status_code == 409
    page = text(answer)
    assert "Somebody published meanwhile." in page
    assert "私の言葉" in page
    assert 'value="2"' in page
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"number": ""},
        {"number": "x"},
        {"number": "-1"},
        {"number": "9" * 30},
        {"number": "1", "note": "a\x00b"},
        {"number": "1", "note": "é" * 2001},
    ],
)
def test_what_cannot_be_used_publishes_nothing(teach, lesson_of, sent):
    lesson_of("moon")
    answer = teach.post(PUBLISH, sent)
    assert answer.status_code == 400
    assert 'role="alert"' in text(answer) or "field-error" in text(answer)
    assert not Release.objects.exists()


def test_an_assistant_is_refused_and_a_stranger_sees_no_draft(
    client, lesson_of, publish, asa, alice, person
):
    lesson_of("moon")
    client.force_login(alice)
    assert client.get(PUBLISH).status_code == 404
    assert client.get(RELEASES).status_code == 404
    client.force_login(person("otto", Role.INSTRUCTOR))
    assert client.post(PUBLISH, {"number": "1"}).status_code == 404
    client.force_login(asa)
    assert client.get(PUBLISH).status_code == 403
    assert client.post(PUBLISH, {"number": "1"}).status_code == 403
    assert client.get(RELEASES).status_code == 200
    client.logout()
    assert client.get(PUBLISH).status_code == 404
    publish()
    assert client.get(PUBLISH).status_code == 302
    assert client.post(PUBLISH, {"number": "2"}).status_code == 302
    client.force_login(alice)
    assert client.get(PUBLISH).status_code == 403
    assert Release.objects.count() == 1


def test_readers_see_the_history_with_the_published_title(client, lesson_of, publish, tides):
    lesson_of("moon")
    publish("初めての版")
    lesson_of("sun", is_required=False)
    publish("<b>مرحبا</b>")
    Course.objects.filter(pk=tides.pk).update(title="Not yet published")
    page = text(client.get(RELEASES))
    assert page.index("Release 2") < page.index("Release 1")
    assert "初めての版" in page
    assert "&lt;b&gt;مرحبا&lt;/b&gt;" in page
    assert "潮の満ち引き" in page
    assert "Not yet published" not in page
    assert PUBLISH not in page
    assert client.get(f"{RELEASES}?page=x").status_code == 200


def test_a_learner_who_stays_on_a_release_is_told_which_one_they_read(
    client, lesson_of, publish, tides, alice, bob
):
    lesson_of("moon")
    first = publish()
    lesson_of("sun")
    publish()
    Course.objects.filter(pk=tides.pk).update(release_policy="pinned")
    Enrolment.objects.create(course=tides, person=alice, source="self", release=first)
    Enrolment.objects.create(course=tides, person=bob, source="self")
    client.force_login(alice)
    page = html.fromstring(client.get(RELEASES).content)
    assert "You read release 1," in " ".join(page.text_content().split())
    marked = page.xpath('//li[.//*[text()="You read this one"]]/@id')
    assert marked == ["release-1"]
    client.force_login(bob)
    assert "You read" not in text(client.get(RELEASES))


def test_old_addresses_lead_to_the_present_ones(teach, lesson_of, publish, tides):
    lesson_of("moon")
    publish()
    CourseAddress.objects.create(slug="ebb", course=tides)
    for name in ("publish", "releases"):
        answer = teach.get(f"/courses/ebb/{name}/")
        assert (answer.status_code, answer["Location"]) == (301, f"/courses/tides/{name}/")


def test_many_lessons_and_learners_take_a_constant_number_of_queries(
    teach, lesson_of, publish, tides, person, django_assert_max_num_queries
):
    for number in range(30):
        lesson_of(f"lesson-{number}", position=number)
    publish()
    for number in range(30):
        Enrolment.objects.create(course=tides, person=person(f"学生{number}"), source="import")
        lesson_of(f"new-{number}", position=number)
    Lesson.objects.filter(slug__startswith="lesson").update(body="Other.")
    with django_assert_max_num_queries(22):
        assert teach.get(PUBLISH).status_code == 200
    with django_assert_max_num_queries(12):
        assert teach.get(RELEASES).status_code == 200
