import pytest
from django.contrib.auth.models import AnonymousUser

from learning.courses.models import Course, Status
from learning.lessons.errors import LessonLockedError, LessonNotFoundError
from learning.lessons.models import Lesson, Tier
from learning.lessons.selectors import (
    Access,
    lesson_access,
    lesson_for,
    lesson_require_full,
    visible_lessons,
)

DRAFT, PUBLISHED = Status.DRAFT, Status.PUBLISHED
FULL, GATED, NONE = Access.FULL, Access.GATED, Access.NONE

# person, free, premium, lesson is a draft, course is a draft
TABLE = [
    ("nobody", FULL, GATED, NONE, NONE),
    ("anonymous", FULL, GATED, NONE, NONE),
    ("bob", FULL, GATED, NONE, NONE),
    ("other_instructor", FULL, GATED, NONE, NONE),
    ("alice_granted", FULL, FULL, NONE, NONE),
    ("ingrid_owner", FULL, FULL, FULL, FULL),
    ("olga_operator", FULL, FULL, FULL, FULL),
]


@pytest.fixture
def people(alice, bob, ingrid, olga, person, granted):
    return {
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
    assert lesson_access(person, lesson) is expected
    assert visible_lessons(person).filter(pk=lesson.pk).exists() is (expected is not NONE)
    if expected is FULL:
        lesson_require_full(person, lesson)
    else:
        refusal = LessonLockedError if expected is GATED else LessonNotFoundError
        with pytest.raises(refusal):
            lesson_require_full(person, lesson)
    if expected is NONE:
        with pytest.raises(LessonNotFoundError):
            lesson_for(person, lesson.permalink)
    else:
        assert lesson_for(person, lesson.permalink) == lesson


def test_a_grant_opens_one_course_and_no_other(alice, granted, make_lesson, ingrid):
    other = Course.objects.create(slug="other", title="Other", owner=ingrid, status=PUBLISHED)
    lesson = make_lesson("x", course=other, access=Tier.PREMIUM, rendered=False)
    assert lesson_access(alice, lesson) is GATED


def test_the_decision_for_a_stranger_costs_no_query(premium, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert lesson_access(None, premium) is GATED


def test_a_permalink_of_nonsense_is_not_found(db):
    for permalink in ("", "/", "shells", "shells/", "a/b/c", "日本/語", "x" * 500):
        with pytest.raises(LessonNotFoundError):
            lesson_for(None, permalink)
