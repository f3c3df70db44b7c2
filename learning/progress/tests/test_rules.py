"""What completes a lesson, and what learners are told about it."""

import pytest

from learning.progress import rules
from learning.progress.errors import RuleInvalidError
from learning.progress.models import ProgressEvent
from learning.progress.rules import Facts, Rule, explained, expression_require
from learning.progress.selectors import progress_document
from learning.progress.services import progress_rebuild


def facts(*, seconds=0, is_marked=False):
    return Facts(enrolment_id=1, lesson_id=1, seconds=seconds, is_marked=is_marked)


READ = {"rule": "minimum_time", "seconds": 60}
MARKED = {"rule": "marked"}


@pytest.mark.parametrize(
    ("expression", "seconds", "is_marked", "is_met"),
    [
        ({}, 0, True, True),
        ({}, 900, False, False),
        (READ, 59, True, False),
        (READ, 60, False, True),
        ({"all": [MARKED, READ]}, 60, False, False),
        ({"all": [MARKED, READ]}, 60, True, True),
        ({"any": [MARKED, READ]}, 0, True, True),
        ({"any": [MARKED, READ]}, 60, False, True),
        ({"any": [MARKED, READ]}, 0, False, False),
        ({"all": [{"any": [MARKED, READ]}, READ]}, 60, False, True),
        ({"rule": "forgotten"}, 0, False, False),
        ({"rule": "forgotten"}, 0, True, True),
    ],
)
def test_an_expression_is_met_as_it_reads(expression, seconds, is_marked, is_met):
    assert explained(expression, facts(seconds=seconds, is_marked=is_marked)).is_met is is_met


def test_what_is_missing_is_said_in_a_sentence():
    found = explained({"all": [MARKED, READ]}, facts(seconds=20))
    assert [one.sentence for one in found.missing] == [
        "Mark the lesson as done.",
        "Read for 40 more seconds.",
    ]
    long = explained({"rule": "minimum_time", "seconds": 600}, facts(seconds=1))
    assert long.missing_text == "Read for 10 more minutes."


def test_one_of_several_is_said_in_one_sentence():
    found = explained({"any": [MARKED, READ]}, facts(seconds=59))
    assert found.missing_text == "Mark the lesson as done. Or: Read for 1 more second."
    assert [one.rule for one in found.missing] == ["any"]


@pytest.mark.parametrize("expression", [{}, MARKED, READ, {"all": [READ, {"any": [MARKED]}]}])
def test_expressions_that_can_be_used_are_taken(expression):
    expression_require(expression)


@pytest.mark.parametrize(
    "expression",
    [
        None,
        [],
        "marked",
        {"rule": "unknown"},
        {"rule": ["marked"]},
        {"rule": "marked", "seconds": 3},
        {"rule": "minimum_time"},
        {"rule": "minimum_time", "seconds": 0},
        {"rule": "minimum_time", "seconds": True},
        {"rule": "minimum_time", "seconds": 10**12},
        {"rule": "minimum_time", "seconds": "60"},
        {"all": []},
        {"all": MARKED},
        {"all": [MARKED], "any": [MARKED]},
        {"all": [MARKED] * 21},
        {"all": [{"any": [{"all": [{"any": [MARKED]}]}]}]},
        {"all": [{"any": [MARKED] * 11}, {"any": [READ] * 11}]},
        {"all": [{}]},
        {"all": [None]},
    ],
)
def test_expressions_that_cannot_be_used_are_refused(expression):
    with pytest.raises(RuleInvalidError):
        expression_require(expression)


def test_apps_above_add_rules_of_their_own_and_two_of_one_name_are_a_mistake():
    passed = Rule(
        check=lambda facts, parameters: facts.seconds == parameters["exactly"],
        sentence_met=lambda *_: "Passed.",
        sentence_missing=lambda *_: "Pass the quiz.",
        validate=lambda _: None,
    )
    rules.register("quiz", passed)
    try:
        expression = {"all": [{"rule": "quiz", "exactly": 7}, MARKED]}
        expression_require(expression)
        assert explained(expression, facts(seconds=7, is_marked=True)).is_met
        with pytest.raises(ValueError, match="quiz"):
            rules.register("quiz", rules._rules["marked"])
    finally:
        del rules._rules["quiz"]


@pytest.mark.django_db
def test_a_mark_is_refused_with_what_is_missing(
    complete_by, lessons, tell, later, publish, course_row, seat
):
    complete_by(lessons["one"], all=[MARKED, READ])
    publish()
    tell("opened")
    refused = tell("completed")
    assert refused.code == "rules_unmet"
    assert "Read for" in refused.detail
    later(61)
    assert tell("completed").accepted
    assert course_row().percent == 33
    assert progress_rebuild(enrolment_id=seat.pk) == []


@pytest.mark.django_db
def test_a_lesson_of_reading_time_alone_completes_itself(
    complete_by, lessons, tell, later, publish, course_row, lesson_row, seat
):
    complete_by(lessons["one"], **READ)
    publish()
    tell("opened")
    later(61)
    tell("checkpoint", fraction=0.9)
    assert course_row().percent == 33
    assert lesson_row().rules_met == ["minimum_time seconds=60"]
    kinds = ProgressEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "checkpoint", "rule_met", "completed"]
    assert progress_rebuild(enrolment_id=seat.pk) == []


@pytest.mark.django_db
def test_a_lesson_that_was_opened_anew_waits_for_the_learner(
    complete_by, lessons, tell, later, publish, course_row
):
    complete_by(lessons["one"], **READ)
    publish()
    tell("opened")
    later(61)
    tell("checkpoint", fraction=0.5)
    later(10)
    tell("reopened")
    later(10)
    tell("checkpoint", fraction=0.9)
    assert course_row().percent == 0
    later(10)
    tell("completed")
    assert course_row().percent == 33


@pytest.mark.django_db
def test_completed_stays_completed_when_a_release_asks_for_more(
    complete_by, lessons, tell, publish, course_row, seat
):
    tell("completed")
    complete_by(lessons["one"], rule="minimum_time", seconds=3600)
    publish()
    assert course_row().percent == 33
    document = progress_document(enrolment_id=seat.pk)
    assert document["lessons"][0]["rules"]["missing"] == []
    assert tell("completed").accepted


def test_what_is_missing_says_how_much_reading_time():
    both = {"all": [MARKED, READ]}
    left = {one.rule: one.remaining_seconds for one in explained(both, facts(seconds=20)).missing}
    assert left == {"marked": None, "minimum_time": 40}
    either = explained({"any": [MARKED, READ]}, facts(seconds=20))
    assert [one.remaining_seconds for one in either.missing] == [None]


@pytest.mark.django_db
def test_a_sign_of_reading_that_meets_a_rule_counts_however_soon_it_comes(
    complete_by, lessons, tell, later, publish, course_row
):
    complete_by(lessons["one"], **READ)
    publish()
    tell("opened")
    for seconds in (57, 2, 2):
        later(seconds)
        tell("checkpoint", fraction=0.5)
    assert course_row().percent == 33
    later(2)
    tell("checkpoint", fraction=0.5)
    assert ProgressEvent.objects.filter(kind="checkpoint").count() == 2
