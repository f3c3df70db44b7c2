"""What completes a lesson: a registry of rules, and expressions over them.

An expression is `{}` (marked as done), a rule `{"rule": name, ...parameters}`, or
`{"all": [...]}` and `{"any": [...]}` of expressions. Apps above register rules of their own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.utils.translation import gettext, ngettext

from learning.progress.errors import RuleInvalidError

Parameters: TypeAlias = Mapping[str, Any]
Expression: TypeAlias = Mapping[str, Any]

MAX_DEPTH: Final = 4
MAX_RULES: Final = 20
MARKED: Final = "marked"
_MAX_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may look at; `seconds` of reading, `is_marked` whether the learner says done.

    `marked_by` is who said so in the learner's stead: None where nobody did, empty where it is
    not told who.
    """

    enrolment_id: int
    lesson_id: int
    seconds: int
    is_marked: bool
    marked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to complete a lesson.

    The sentences are for the learner, in the language of the moment. `validate` raises
    `RuleInvalidError` where the parameters are no good. `remaining_seconds` of reading tells who
    waits for nothing else than time; None: the rule does not wait for time.
    """

    check: Callable[[Facts, Parameters], bool]
    sentence_met: Callable[[Facts, Parameters], str]
    sentence_missing: Callable[[Facts, Parameters], str]
    validate: Callable[[Parameters], None]
    remaining_seconds: Callable[[Facts, Parameters], int] | None = None


@dataclass(frozen=True, slots=True)
class RuleSentence:
    """A rule, named as it was registered, and what to tell the learner about it.

    Where one of several would do, `rule` is `any`. `remaining_seconds` of reading are missing;
    None where it is something else.
    """

    rule: str
    sentence: str
    remaining_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which rules are met and which are missing; nothing missing means that all is done."""

    met: tuple[RuleSentence, ...]
    missing: tuple[RuleSentence, ...]

    @property
    def is_met(self) -> bool:
        """Whether the lesson is done by its rules."""
        return not self.missing

    @property
    def missing_text(self) -> str:
        """What is missing, in sentences."""
        return " ".join(one.sentence for one in self.missing)


_rules: dict[str, Rule] = {}


def register(name: str, rule: Rule) -> None:
    """Lessons may be completed by the rule `name` from now on.

    Raises:
        ValueError: another rule goes by that name.
    """
    if _rules.setdefault(name, rule) is not rule:
        message = f"two rules are called {name}"
        raise ValueError(message)


def expression_require(expression: object) -> None:
    """Nothing happens where this can stand in `Lesson.completion`.

    Raises:
        RuleInvalidError: it has another shape, names an unknown rule, or is too large.
    """
    if expression != {}:
        _require(expression, depth=1)
    if isinstance(expression, Mapping) and sum(1 for _ in _leaves(expression)) > MAX_RULES:
        raise RuleInvalidError(
            gettext("At most %(count)d rules complete a lesson.") % {"count": MAX_RULES}
        )


def _require(expression: object, *, depth: int) -> None:
    if depth > MAX_DEPTH or not isinstance(expression, Mapping):
        raise RuleInvalidError
    group = _group_of(expression)
    if group is None:
        name = expression.get("rule")
        if not isinstance(name, str) or name not in _rules:
            raise RuleInvalidError
        _rules[name].validate(_parameters(expression))
        return
    members = expression[group]
    if len(expression) != 1 or not isinstance(members, list) or not 1 <= len(members) <= MAX_RULES:
        raise RuleInvalidError
    for member in members:
        _require(member, depth=depth + 1)


def explained(expression: Expression, facts: Facts) -> Explanation:
    """How far the learner is by these rules.

    A rule that nobody knows any more is left to the learner: marking the lesson as done.
    """
    group = _group_of(expression)
    if group is None:
        return _leaf_explained(expression, facts)
    parts = [explained(member, facts) for member in expression[group]]
    if group == "all":
        return Explanation(
            met=tuple(one for part in parts for one in part.met),
            missing=tuple(one for part in parts for one in part.missing),
        )
    done = next((part for part in parts if part.is_met), None)
    if done is not None:
        return done
    either = gettext(" Or: ").join(part.missing_text for part in parts)
    return Explanation(met=(), missing=(RuleSentence("any", either),))


def is_measured(expression: Expression) -> bool:
    """Whether more than the learner's own word completes the lesson."""
    return any(_name(leaf) != MARKED for leaf in _leaves(expression))


def met_keys(expression: Expression, facts: Facts) -> list[str]:
    """The rules of the expression that are met, but for marking, each with its parameters."""
    return [
        _key(leaf)
        for leaf in _leaves(expression)
        if _name(leaf) != MARKED and _rules[_name(leaf)].check(facts, _parameters(leaf))
    ]


def _leaves(expression: Expression) -> Iterator[Expression]:
    group = _group_of(expression)
    if group is None:
        yield expression
        return
    for member in expression[group]:
        yield from _leaves(member)


def _group_of(expression: Expression) -> str | None:
    return next((name for name in ("all", "any") if name in expression), None)


def _leaf_explained(leaf: Expression, facts: Facts) -> Explanation:
    name = _name(leaf)
    rule, parameters = _rules[name], _parameters(leaf)
    if rule.check(facts, parameters):
        return Explanation((RuleSentence(name, rule.sentence_met(facts, parameters)),), ())
    left = rule.remaining_seconds(facts, parameters) if rule.remaining_seconds else None
    return Explanation((), (RuleSentence(name, rule.sentence_missing(facts, parameters), left),))


def _name(leaf: Expression) -> str:
    name = leaf.get("rule", MARKED)
    return name if name in _rules else MARKED


def _parameters(leaf: Expression) -> Parameters:
    return {name: value for name, value in leaf.items() if name != "rule"}


def _key(leaf: Expression) -> str:
    pairs = sorted(_parameters(leaf).items())
    return " ".join([_name(leaf), *(f"{name}={value}" for name, value in pairs)])


def _no_parameters(parameters: Parameters) -> None:
    if parameters:
        raise RuleInvalidError


def _seconds_only(parameters: Parameters) -> None:
    seconds = parameters.get("seconds")
    if set(parameters) != {"seconds"} or type(seconds) is not int:
        raise RuleInvalidError
    if not 1 <= seconds <= _MAX_SECONDS:
        raise RuleInvalidError(gettext("A reading time is between 1 second and a day."))


def marked_sentence(facts: Facts) -> str:
    """Who marked the lesson as done, to the learner."""
    if facts.marked_by is None:
        return gettext("The lesson is marked as done.")
    if not facts.marked_by:
        return gettext("An instructor marked the lesson as done.")
    return gettext("%(name)s marked the lesson as done.") % {"name": facts.marked_by}


def _time_left(facts: Facts, parameters: Parameters) -> int:
    left: int = parameters["seconds"] - facts.seconds
    return max(0, left)


def _time_missing(facts: Facts, parameters: Parameters) -> str:
    left_seconds = _time_left(facts, parameters)
    if left_seconds < 60:
        sentence = ngettext(
            "Read for %(n)d more second.", "Read for %(n)d more seconds.", left_seconds
        )
        return sentence % {"n": left_seconds}
    minutes = -(-left_seconds // 60)
    sentence = ngettext("Read for %(n)d more minute.", "Read for %(n)d more minutes.", minutes)
    return sentence % {"n": minutes}


register(
    MARKED,
    Rule(
        check=lambda facts, _parameters: facts.is_marked,
        sentence_met=lambda facts, _parameters: marked_sentence(facts),
        sentence_missing=lambda _facts, _parameters: gettext("Mark the lesson as done."),
        validate=_no_parameters,
    ),
)
register(
    "minimum_time",
    Rule(
        check=lambda facts, parameters: facts.seconds >= parameters["seconds"],
        sentence_met=lambda _facts, _parameters: gettext("You read it for long enough."),
        sentence_missing=_time_missing,
        validate=_seconds_only,
        remaining_seconds=_time_left,
    ),
)
