"""Open pages look again when lessons open at other times."""

import pytest

from learning.enrolments.models import Cohort
from learning.enrolments.services import (
    NewRule,
    drip_override_clear,
    drip_override_set,
    drip_rules_set,
)
from learning.progress.models import CourseProgress

pytestmark = pytest.mark.django_db


@pytest.fixture
def risen(seat, bob, enrol, course):
    """Whose pages have heard of something new, and how often, since the test began."""
    cohort = Cohort.objects.create(course=course, name="Spring")
    names = {seat.pk: "alice", enrol(bob, cohort=cohort).pk: "bob"}
    before = dict(CourseProgress.objects.values_list("pk", "seq"))

    def count():
        rows = CourseProgress.objects.values_list("pk", "seq")
        return {names[pk]: seq - before[pk] for pk, seq in rows if seq != before[pk]}

    return count


def test_an_exception_reaches_the_page_of_its_learner_alone(risen, seat, lessons, ingrid):
    override = drip_override_set(
        lesson=lessons["two"], opens_at=None, enrolment=seat, acting_user=ingrid
    )
    assert risen() == {"alice": 1}
    for _ in range(2):
        drip_override_clear(override=override, acting_user=ingrid)
    assert risen() == {"alice": 2}


def test_an_exception_of_a_cohort_reaches_all_of_it_and_nobody_else(risen, lessons, course, ingrid):
    cohort = Cohort.objects.get(course=course)
    drip_override_set(lesson=lessons["two"], opens_at=None, cohort=cohort, acting_user=ingrid)
    assert risen() == {"bob": 1}


def test_a_rule_reaches_everybody_in_the_course(risen, lessons, ingrid):
    rule = NewRule("after_lesson", after=lessons["one"])
    drip_rules_set(lesson=lessons["two"], rules=[rule], acting_user=ingrid)
    assert risen() == {"alice": 1, "bob": 1}
