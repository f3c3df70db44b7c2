import pytest
from django.contrib.auth.models import AnonymousUser

from learning.conftest import publish
from learning.courses.models import Course, CourseStaff, Status, Visibility
from learning.enrolments.models import DripRule, Enrolment
from learning.lessons.errors import LessonLockedError, LessonNotFoundError, LessonNotOpenError
from learning.lessons.models import Lesson, Tier
from learning.lessons.selectors import (
    Access,
    reading_for,
    reading_of,
    reading_require_full,
    shown_revisions,
)
from learning.rights.selectors import standing_of

DRAFT, PUBLISHED = Status.DRAFT, Status.PUBLISHED
FULL, GATED, NONE = Access.FULL, Access.GATED, Access.NONE

# person, free, premium, lesson is a draft, course is a draft
TABLE = [
    ("nobody", FULL, GATED, NONE, NONE),
    ("anonymous", FULL, GATED, NONE, NONE),
    ("bob", FULL, GATED, NONE, NONE),
    ("other_instructor", FULL, GATED, NONE, NONE),
    ("alice_granted", FULL, FULL, NONE, NONE),
    ("erin_enrolled", FULL, FULL, NONE, NONE),
    ("carl_co_instructor", FULL, FULL, FULL, FULL),
    ("anna_assistant", FULL, FULL, FULL, FULL),
    ("ingrid_owner", FULL, FULL, FULL, FULL),
    ("olga_operator", FULL, FULL, FULL, FULL),
]


@pytest.fixture
def people(alice, bob, ingrid, olga, person, granted, course):
    carl, anna, erin = person("carl", "instructor"), person("anna"), person("erin")
    CourseStaff.objects.create(course=course, person=carl, role="co_instructor")
    CourseStaff.objects.create(course=course, person=anna, role="assistant")
    Enrolment.objects.create(course=course, person=erin, source="self")
    return {
        "carl_co_instructor": carl,
        "anna_assistant": anna,
        "erin_enrolled": erin,
        "nobody": None,
        "anonymous": AnonymousUser(),
        "bob": bob,
        "other_instructor": person("ivan", "instructor"),
        "alice_granted": alice,
        "ingrid_owner": ingrid,
        "olga_operator": olga,
    }


@pytest.mark.parametrize(("name", "free", "premium", "draft", "course_draft"), TABLE)
def test_every_role_gets_exactly_its_part_of_every_lesson(
    people, make_lesson, course, name, free, premium, draft, course_draft
):
    cases = [
        (make_lesson("a", rendered=False), free),
        (make_lesson("b", access=Tier.PREMIUM, rendered=False), premium),
        (make_lesson("c", status=DRAFT, rendered=False), draft),
        (make_lesson("d", status=DRAFT, access=Tier.PREMIUM, rendered=False), draft),
    ]
    for lesson, expected in cases:
        _check(people[name], lesson, expected)
    Course.objects.filter(pk=course.pk).update(status=DRAFT)
    for lesson, _ in cases[:2]:
        _check(people[name], Lesson.objects.get(pk=lesson.pk), course_draft)


def _check(person, lesson, expected):
    shown = shown_revisions(standing_of(person)).filter(lesson=lesson)
    assert shown.exists() is (expected is not NONE)
    if expected is NONE:
        with pytest.raises(LessonNotFoundError):
            reading_for(person, lesson.permalink)
        return
    reading = reading_for(person, lesson.permalink)
    assert (reading.lesson, reading.access) == (lesson, expected)
    if expected is FULL:
        reading_require_full(reading)
    else:
        with pytest.raises(LessonLockedError):
            reading_require_full(reading)


def test_a_grant_opens_one_course_and_no_other(alice, granted, make_lesson, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid, status=PUBLISHED)
    lesson = make_lesson("x", course=other, access=Tier.PREMIUM, rendered=False)
    assert reading_for(alice, lesson.permalink).access is GATED


def test_a_seat_that_is_not_open_opens_nothing(premium, alice, course):
    enrolment = Enrolment.objects.create(course=course, person=alice, source="self")
    assert reading_for(alice, premium.permalink).access is FULL
    Enrolment.objects.filter(pk=enrolment.pk).update(status="suspended")
    assert reading_for(alice, premium.permalink).access is GATED


def test_a_lesson_with_rules_is_for_those_for_whom_it_opened(
    make_lesson, alice, bob, ingrid, course
):
    lesson = make_lesson()
    rule = DripRule.objects.create(lesson=lesson, kind="after_days", days=3)
    Enrolment.objects.create(course=course, person=alice, source="self")
    for person in (None, bob, alice):
        reading = reading_for(person, lesson.permalink)
        assert (reading.access, bool(reading.opening.sentence)) == (Access.LOCKED, True)
        with pytest.raises(LessonNotOpenError, match=r"Opens|enrolled"):
            reading_require_full(reading)
    assert reading_for(ingrid, lesson.permalink).access is FULL
    DripRule.objects.filter(pk=rule.pk).update(days=0)
    assert reading_for(alice, lesson.permalink).access is FULL
    assert reading_for(bob, lesson.permalink).access is Access.LOCKED


def test_who_is_pinned_reads_the_release_on_which_they_started(make_lesson, alice, bob, course):
    lesson = make_lesson(title="First")
    gone = make_lesson("gone")
    course.refresh_from_db()
    Course.objects.filter(pk=course.pk).update(release_policy="pinned")
    Enrolment.objects.create(
        course=course, person=alice, source="self", release_id=course.newest_release_id
    )
    Lesson.objects.filter(pk=gone.pk).update(status=DRAFT)
    Lesson.objects.filter(pk=lesson.pk).update(title="Second")
    publish(course)
    assert reading_for(alice, lesson.permalink).revision.title == "First"
    assert reading_for(bob, lesson.permalink).revision.title == "Second"
    assert reading_for(alice, gone.permalink).release.number == 2
    with pytest.raises(LessonNotFoundError):
        reading_for(bob, gone.permalink)
    titles = {
        person: set(shown_revisions(standing_of(person)).values_list("title", flat=True))
        for person in (alice, bob)
    }
    assert titles == {alice: {"First", "Gone"}, bob: {"Second"}}


def test_a_course_for_enrolled_people_hides_its_lessons_from_others(
    make_lesson, alice, bob, course
):
    lesson = make_lesson()
    Course.objects.filter(pk=course.pk).update(visibility=Visibility.ENROLLED)
    Enrolment.objects.create(course=course, person=alice, source="self")
    assert reading_for(alice, lesson.permalink).access is FULL
    with pytest.raises(LessonNotFoundError):
        reading_for(bob, lesson.permalink)


def test_the_decision_costs_a_stranger_one_query(premium, django_assert_num_queries):
    lesson = Lesson.objects.select_related("course__newest_release").get(pk=premium.pk)
    standing = standing_of(None)
    # what they read of it, and that it waits for nothing
    with django_assert_num_queries(1):
        assert reading_of(standing, lesson).access is GATED


def test_a_permalink_of_nonsense_is_not_found(db):
    for permalink in ("", "/", "shells", "shells/", "a/b/c", "日本/語", "x" * 500):
        with pytest.raises(LessonNotFoundError):
            reading_for(None, permalink)
