"""The class by REST calls lessons as its learners read them, whatever the drafts say."""

import pytest

from learning.courses.models import Course, ReleasePolicy
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.progress.models import CourseProgress
from learning.progress.selectors import learner_documents, learners_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def rename():
    """Gives the draft of a lesson another title."""

    def one(lesson, title):
        Lesson.objects.filter(pk=lesson.pk).update(title=title)
        lesson.refresh_from_db()

    return one


@pytest.fixture
def title_told(ingrid, client):
    def one():
        client.force_login(ingrid)
        page = client.get("/api/courses/shells/progress/").json()
        return page["results"][0]["last_lesson_title"]

    return one


@pytest.mark.parametrize("title", ["下書きの題", "عنوان المسودة"])
def test_a_drafts_title_is_told_when_it_is_published(
    lessons, seat, tell, rename, publish, title_told, title
):
    read = lessons["two"].title
    tell("opened", "two")
    rename(lessons["two"], title)
    assert title_told() == read
    publish()
    assert title_told() == title


def test_who_reads_an_older_release_reads_its_title(
    course, lessons, release, seat, tell, rename, publish, title_told
):
    Course.objects.filter(pk=course.pk).update(release_policy=ReleasePolicy.PINNED)
    Enrolment.objects.filter(pk=seat.pk).update(release=release)
    tell("opened", "two")
    read = lessons["two"].title
    rename(lessons["two"], "新しい題")
    publish()
    assert title_told() == read


def test_a_lesson_that_left_the_release_keeps_the_title_that_it_had_last(
    lessons, seat, tell, rename, publish, title_told
):
    tell("opened", "two")
    read = lessons["two"].title
    Lesson.objects.filter(pk=lessons["two"].pk).update(status="draft")
    rename(lessons["two"], "下書きの題")
    newest = publish()
    assert not newest.entries.filter(lesson=lessons["two"]).exists()
    assert title_told() == read


def test_whoever_was_in_no_lesson_has_no_title(seat, title_told):
    assert title_told() == ""


def test_titles_take_no_query_of_their_own(
    course, lessons, release, person, enrol, django_assert_num_queries
):
    for number in range(12):
        seat = enrol(person(f"learner{number}"))
        last = lessons["one" if number % 2 else "two"]
        CourseProgress.objects.filter(pk=seat.pk).update(last_lesson=last)
    with django_assert_num_queries(1):
        found = learner_documents(list(learners_of(course.pk)))
    assert {row["last_lesson_title"] for row in found} == {
        lessons["one"].title,
        lessons["two"].title,
    }
