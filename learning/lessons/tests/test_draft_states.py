"""What the contents of a draft say of each lesson: what publishing would do with it."""

import pytest

from learning.courses.models import Course, ReleasePolicy, Status
from learning.enrolments.models import Enrolment
from learning.lessons.models import Lesson
from learning.lessons.selectors import course_contents
from learning.lessons.services import lesson_save
from learning.releases.comparing import release_compare
from learning.releases.services import release_publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def edited(course):
    """Of five lessons in a release, four were changed since; two more were written."""
    made = {}
    for position, slug in enumerate(["same", "text", "counts", "rule", "leaves"], start=1):
        made[slug] = write(course, slug, position=position)
    release_publish(course=course, acting_user=None)
    save(made["text"], body="別の文。")
    save(made["counts"], is_required=False)
    save(made["rule"], completion={"rule": "minimum_time", "seconds": 60})
    save(made["leaves"], status=Status.DRAFT)
    write(course, "new", position=8)
    write(course, "waits", position=9, status=Status.DRAFT)
    course.refresh_from_db()
    return course


def write(course, slug, **values):
    lesson = Lesson(
        course=course, slug=slug, title=slug, body="文。", **{"status": "published", **values}
    )
    return lesson_save(lesson=lesson)


def save(lesson, **values):
    for name, value in values.items():
        setattr(lesson, name, value)
    lesson_save(lesson=lesson)


def states(person, course, **how):
    links = [link for section in course_contents(person, course, **how) for link in section.lessons]
    return {link.permalink.rpartition("/")[2]: link.draft_state for link in links}


def test_each_lesson_of_a_draft_says_what_the_next_release_does_with_it(edited, ingrid):
    told = states(ingrid, edited, draft=True)
    assert told == {
        "same": "same",
        "text": "changed",
        "counts": "changed",
        "rule": "changed",
        "leaves": "left_out",
        "new": "new",
        "waits": "left_out",
    }
    diff = release_compare(edited)
    slugs = [change.place.permalink.rpartition("/")[2] for change in diff.changed]
    assert slugs == [slug for slug, state in told.items() if state == "changed"]
    assert [place.title for place in diff.added] == [s for s, t in told.items() if t == "new"]


def test_what_learners_read_is_no_draft_and_what_is_in_no_release_says_so(edited, ingrid, alice):
    read = {"same": "", "text": "", "counts": "", "rule": "", "leaves": ""}
    assert states(ingrid, edited) == {**read, "new": "new", "waits": "left_out"}
    assert states(alice, edited, draft=True) == read


def test_who_learns_in_an_older_release_is_told_of_the_newest(edited, ingrid):
    first = edited.newest_release
    Course.objects.filter(pk=edited.pk).update(release_policy=ReleasePolicy.PINNED)
    Enrolment.objects.create(course=edited, person=ingrid, source="self", release=first)
    release_publish(course=Course.objects.get(pk=edited.pk), acting_user=None)
    course = Course.objects.get(pk=edited.pk)

    told = states(ingrid, course)

    assert (told["new"], told["waits"]) == ("same", "left_out")


def test_before_the_first_release_all_that_it_would_have_is_new(course, ingrid):
    write(course, "first")
    write(course, "later", status=Status.DRAFT)
    assert states(ingrid, course, draft=True) == {"first": "new", "later": "left_out"}


def test_page_and_program_are_told_in_words(client, edited, ingrid):
    client.force_login(ingrid)
    page = client.get(f"/courses/{edited.slug}/?draft=1").content.decode()
    assert page.count("Not in the next release") == 2
    assert page.count("Changed</span>") == 3
    told = client.get(f"/api/courses/{edited.slug}/", {"draft": "1"}).json()["sections"]
    assert [link["draft_state"] for link in told[0]["lessons"]].count("changed") == 3
