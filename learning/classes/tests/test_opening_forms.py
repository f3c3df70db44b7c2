"""The forms that say when lessons open keep what they show, and lead on when they are refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from learning.classes.tests.test_learner_page import enrolment, path
from learning.classes.tests.test_opening_page import PIPES, autumn, pipes, rules, teach
from learning.enrolments.models import DripOverride, DripRule

__all__ = ["autumn", "enrolment", "pipes", "teach"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache")]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2037, 3, 3, 9, 0, 30, tzinfo=UTC),
        datetime(2037, 10, 25, 0, 30, tzinfo=UTC),  # 02:30 in summer time
        datetime(2037, 10, 25, 1, 30, tzinfo=UTC),  # and an hour later again
    ],
)
def test_a_moment_that_nobody_changed_stays_what_it_is(teach, ingrid, pipes, autumn, moment):
    ingrid.time_zone = "Europe/Berlin"
    ingrid.save(update_fields=["time_zone"])
    DripRule.objects.create(lesson=pipes, kind="on_date", opens_at=moment)
    DripOverride.objects.create(lesson=pipes, cohort=autumn, opens_at=moment)
    shown = timezone.localtime(moment, ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%dT%H:%M")

    asked = teach.post(PIPES, {"days": "3", "opens_at": shown})
    excepted = teach.post(f"{PIPES}cohort/", {"cohort": autumn.pk, "opens_at": shown})

    assert (asked.status_code, excepted.status_code) == (303, 303)
    assert rules(pipes) == [("after_days", 3, None, None), ("on_date", None, moment, None)]
    assert DripOverride.objects.get(cohort=autumn).opens_at == moment


def test_from_a_refused_form_other_lessons_are_opened_all_the_same(
    signed_in, ingrid, enrolment, course
):
    DripRule.objects.create(lesson=course.lessons.get(slug="loops"), kind="after_days", days=30)

    refused = signed_in(ingrid).post(path(enrolment, "open"), {"lesson": "none"})

    assert refused.status_code == 400
    assert f'href="{path(enrolment)}?lesson=loops#opening"' in refused.content.decode()
