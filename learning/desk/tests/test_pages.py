"""My learning: where to go on, and what is under way."""

import datetime as dt
import uuid

import pytest
from django.db.models.functions import Now

from learning.courses.models import Course, CourseStaff
from learning.enrolments.models import Cohort, Enrolment
from learning.lessons.models import Lesson, LessonRevision
from learning.progress.models import CourseProgress, LessonProgress
from learning.releases.models import Release, ReleaseLesson
from scheduler.jobs import estimates
from scheduler.jobs.models import Job, JobWatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def release_of():
    """A release of so many lessons, written as rows: publishing is tested elsewhere."""

    def make(course, *, lessons=3):
        release = Release.objects.create(
            course=course,
            number=1,
            title=course.title,
            language=course.language,
            lesson_count=lessons,
            required_count=lessons,
        )
        made = Lesson.objects.bulk_create(
            Lesson(
                course=course,
                slug=f"lesson-{n}",
                title=f"درس {n} 課",
                position=n,
                status="published",
                content_hash=f"{n:064}",
            )
            for n in range(lessons)
        )
        revisions = LessonRevision.objects.bulk_create(
            LessonRevision(
                lesson=lesson,
                content_hash=lesson.content_hash,
                title=lesson.title,
                language="ar",
                access="free",
                course_slug=course.slug,
                course_title=course.title,
            )
            for lesson in made
        )
        ReleaseLesson.objects.bulk_create(
            ReleaseLesson(release=release, lesson=lesson, revision=revision, position=n)
            for n, (lesson, revision) in enumerate(zip(made, revisions, strict=True))
        )
        Course.objects.filter(pk=course.pk).update(newest_release=release, status="published")
        return made

    return make


def learns(person, course, lessons=(), *, done=0):
    seat = Enrolment.objects.create(course=course, person=person, source="self")
    LessonProgress.objects.bulk_create(
        LessonProgress(
            enrolment=seat,
            lesson=lesson,
            state="completed" if n < done else "opened",
            opened_at=dt.datetime.now(dt.UTC),
        )
        for n, lesson in enumerate(lessons)
    )
    CourseProgress.objects.create(
        enrolment=seat,
        percent=100 * done // max(1, len(lessons)),
        completed_count=done,
        required_count=len(lessons),
        last_lesson=lessons[0] if lessons else None,
        last_active_at=dt.datetime.now(dt.UTC),
    )
    return seat


def watched_job(person, **values):
    known = {"kind": "exports.lesson_document", "lane": "interactive", "title": "A file"}
    job = Job.objects.create(**{**known, "pk": uuid.uuid4(), **values})
    JobWatch.objects.create(job=job, person=person)
    return job


def test_the_page_says_where_to_go_on(client, alice, course, release_of):
    lessons = release_of(course)
    learns(alice, course, lessons, done=1)
    client.force_login(alice)
    response = client.get("/learn/")
    row = response.context["next"]
    assert (row.course.percent, row.course.resume.permalink) == (33, "shells/lesson-1")
    text = response.content.decode()
    assert "درس 1 課" in text
    assert "Lessons done: 1 of 3" in text
    assert 'value="33"' in text


def test_who_learns_nothing_yet_is_told_what_to_do_first(client, alice):
    client.force_login(alice)
    text = client.get("/learn/").content.decode()
    assert "You are in no course yet." in text
    assert 'href="/"' in text
    assert "Open a lesson, and it appears here." in text


def test_a_place_that_is_not_open_now_is_told_with_its_reason(client, alice, course, release_of):
    release_of(course)
    later = Cohort.objects.create(
        course=course, name="春", starts_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=9)
    )
    seat = Enrolment.objects.create(course=course, person=alice, source="key", cohort=later)
    client.force_login(alice)

    def shown():
        return client.get("/learn/").content.decode()

    text = shown()
    assert "You are in no course yet." not in text
    assert "Your course begins:" in text
    Enrolment.objects.filter(pk=seat.pk).update(cohort=None, status="suspended")
    assert "An instructor holds your place" in shown()
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    Enrolment.objects.filter(pk=seat.pk).update(status="active", expires_at=ended)
    assert "Your time in it ended:" in shown()
    assert "Its page says how you come back." in shown()
    Course.objects.filter(pk=course.pk).update(visibility="enrolled")
    assert "Ask those who teach it for more time." in shown()
    Enrolment.objects.filter(pk=seat.pk).update(status="withdrawn", is_barred=True)
    text = shown()
    assert "An instructor took you out of this course." in text
    assert "You are in no course yet." not in text
    Enrolment.objects.filter(pk=seat.pk).update(is_barred=False)
    assert "You are in no course yet." in shown()


def test_a_stranger_signs_in_first(client):
    response = client.get("/learn/")
    assert (response.status_code, response.url) == (302, "/accounts/sign-in/?next=/learn/")


def test_signing_in_leads_learners_to_their_courses_and_others_to_all(client, alice, bob, course):
    Enrolment.objects.create(course=course, person=alice, source="self")
    assert client.get("/learn/start/").url == "/"
    client.force_login(bob)
    assert client.get("/learn/start/").url == "/"
    client.force_login(alice)
    assert client.get("/learn/start/").url == "/learn/"


def test_signing_in_leads_who_teaches_to_their_teaching_unless_they_learn_too(
    client, alice, ingrid, course
):
    client.force_login(ingrid)
    assert client.get("/learn/start/").url == "/teach/"
    client.force_login(alice)
    CourseStaff.objects.create(course=course, person=alice, role="assistant")
    assert client.get("/learn/start/").url == "/teach/"
    Enrolment.objects.create(course=course, person=alice, source="self")
    assert client.get("/learn/start/").url == "/learn/"


def test_whoever_wanted_a_page_comes_there_and_nowhere_else(client, ingrid):
    ingrid.set_password("quite a long pass phrase")
    ingrid.save()
    form = {"username": "ingrid", "password": "quite a long pass phrase"}
    assert client.post("/accounts/sign-in/", form)["Location"] == "/learn/start/"
    client.logout()
    answer = client.post("/accounts/sign-in/?next=/learn/", {**form, "next": "/learn/"})
    assert answer["Location"] == "/learn/"


def test_another_persons_courses_and_jobs_are_not_shown(client, alice, bob, course, release_of):
    learns(bob, course, release_of(course), done=1)
    watched_job(bob, title="Bob's file")
    client.force_login(alice)
    response = client.get("/learn/")
    assert response.context["rows"] == []
    assert response.context["jobs"] == []
    assert "Bob" not in response.content.decode()


def test_the_header_counts_unfinished_jobs_beside_the_newest(client, alice):
    for _ in range(7):
        watched_job(alice)
    watched_job(alice, status="succeeded", finished_at=Now())
    client.force_login(alice)
    response = client.get("/learn/")
    assert len(response.context["jobs"]) == 5
    assert int(response.context["live_jobs"]) == 7


def test_everything_that_is_done_leaves_nothing_to_go_on_with(client, alice, course, release_of):
    lessons = release_of(course)
    learns(alice, course, lessons, done=3)
    client.force_login(alice)
    response = client.get("/learn/")
    assert response.context["next"] is None
    assert "All done" in response.content.decode()


def test_a_thousand_learners_and_a_hundred_lessons_cost_eight_queries(
    client, alice, course, release_of, person, django_assert_max_num_queries
):
    lessons = release_of(course, lessons=100)
    people = type(alice).objects.bulk_create(
        type(alice)(username=f"p{n}", email=f"p{n}@example.org") for n in range(999)
    )
    seats = Enrolment.objects.bulk_create(
        Enrolment(course=course, person=one, source="import") for one in people
    )
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=seat, lesson=lessons[0], state="completed") for seat in seats
    )
    learns(alice, course, lessons, done=60)
    for n in range(30):
        other = Course.objects.create(slug=f"c{n}", title=f"C{n}", owner=course.owner)
        learns(alice, other, release_of(other, lessons=3), done=n % 4)
    for _ in range(20):
        watched_job(alice, status="succeeded", finished_at=Now())
    for lane in ("interactive", "interactive", "bulk"):
        watched_job(alice, status="queued", lane=lane)
    watched_job(alice, status="running", started_at=Now())
    client.force_login(alice)
    # What the process knows for some seconds of how long jobs take.
    estimates._known.clear()
    with django_assert_max_num_queries(8):
        response = client.get("/learn/")
    assert len(response.context["rows"]) == 31
    assert len(response.context["activities"]) == 8


@pytest.mark.parametrize("post", [None, "assistant", "co_instructor"])
def test_who_learns_here_and_teaches_there_is_led_to_their_teaching(
    client, alice, course, release_of, post
):
    learns(alice, course, release_of(course, lessons=1))
    if post:
        other = Course.objects.create(slug="other", title="Other", owner=course.owner)
        CourseStaff.objects.create(course=other, person=alice, role=post)
    client.force_login(alice)
    shown = b"My teaching" in client.get("/learn/").content
    assert shown is bool(post)
