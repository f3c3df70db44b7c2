"""What can be done to a learner: the question that is asked before, and what is done then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.templatetags.look import percentage
from learning.classes.errors import ActionNotFoundError
from learning.classes.forms import CourseForm, LessonForm, MoveForm, OverrideForm, RescheduleForm
from learning.classes.learner import percent_in
from learning.enrolments.dates import holding_seats
from learning.enrolments.models import DripOverride, Enrolment
from learning.enrolments.services import (
    drip_override_clear,
    drip_override_set,
    enrolment_move,
    enrolment_reschedule,
    enrolment_resume,
    enrolment_suspend,
    enrolment_withdraw,
)
from learning.progress.models import LessonProgress, ProgressEvent
from learning.progress.selectors.documents import LessonProgressDocument, ProgressDocument
from learning.progress.services import progress_override

Values = Mapping[str, Any]
"""What was filled in and found good."""


@dataclass(frozen=True, slots=True)
class Question:
    """What will happen, in the words of a dialog."""

    title: str
    body: str
    verb: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """`ask` says what will happen, `act` does it and says what has; `form` is None without one."""

    ask: Callable[[Enrolment, Values], Question]
    act: Callable[[Enrolment, Values, User], str]
    form: type[CourseForm] | None = None


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson of the learner's document, and what can be done about it for them.

    `exception` is what opens it instead of its rules, if anything does.
    """

    document: LessonProgressDocument
    slug: str
    action: str
    question: Question
    exception: DripOverride | None


def lesson_rows(
    enrolment: Enrolment, document: ProgressDocument, exceptions: Mapping[str, DripOverride]
) -> list[LessonRow]:
    """The lessons of the document in its order, `exceptions` by slug; no query."""
    rows = []
    for lesson in document["lessons"]:
        is_done = lesson["state"] == LessonProgress.State.COMPLETED
        action = "reopen" if is_done else "complete"
        slug = lesson["lesson"].partition("/")[2]
        rows.append(
            LessonRow(
                document=lesson,
                slug=slug,
                action=action,
                question=question(action, enrolment, {"lesson": lesson["title"]}),
                exception=exceptions.get(slug),
            )
        )
    return rows


def action_named(name: str) -> Action:
    """The action of that name.

    Raises:
        ActionNotFoundError: there is none.
    """
    try:
        return ACTIONS[name]
    except KeyError:
        raise ActionNotFoundError from None


def question(name: str, enrolment: Enrolment, values: Values | None = None) -> Question:
    """What is asked before the action."""
    return action_named(name).ask(enrolment, values or {})


def _who(enrolment: Enrolment) -> dict[str, str]:
    return {"name": str(enrolment.person)}


def _lesson(enrolment: Enrolment, values: Values) -> dict[str, str]:
    lesson = values["lesson"]
    return {**_who(enrolment), "lesson": lesson if isinstance(lesson, str) else lesson.title}


def _moment(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _ask_complete(enrolment: Enrolment, values: Values) -> Question:
    said = _lesson(enrolment, values)
    return Question(
        title=_("Complete “%(lesson)s” for %(name)s?") % said,
        body=_(
            "The lesson counts as done, whatever its rules still ask for. Your name stands beside it."
        ),
        verb=_("Complete it"),
    )


def _complete(enrolment: Enrolment, values: Values, acting_user: User) -> str:
    _override(enrolment, values, acting_user, kind=ProgressEvent.Kind.COMPLETED)
    return _("“%(lesson)s” is completed for %(name)s.") % _lesson(enrolment, values)


def _ask_reopen(enrolment: Enrolment, values: Values) -> Question:
    said = _lesson(enrolment, values)
    return Question(
        title=_("Reopen “%(lesson)s” for %(name)s?") % said,
        body=_("The lesson is to be done again, and the percentage falls accordingly."),
        verb=_("Reopen it"),
        is_grave=True,
    )


def _reopen(enrolment: Enrolment, values: Values, acting_user: User) -> str:
    _override(enrolment, values, acting_user, kind=ProgressEvent.Kind.REOPENED)
    return _("“%(lesson)s” is open anew for %(name)s.") % _lesson(enrolment, values)


def _override(enrolment: Enrolment, values: Values, acting_user: User, *, kind: str) -> None:
    progress_override(
        enrolment_id=enrolment.pk,
        lesson_id=values["lesson"].pk,
        kind=kind,
        acting_user=acting_user,
    )


def _ask_suspend(enrolment: Enrolment, _values: Values) -> Question:
    return Question(
        title=_("Suspend %(name)s?") % _who(enrolment),
        body=_(
            "What is for enrolled people closes for them until you resume it. Their progress is kept, and the seat is free meanwhile."
        ),
        verb=_("Suspend"),
        is_grave=True,
    )


def _suspend(enrolment: Enrolment, _values: Values, acting_user: User) -> str:
    enrolment_suspend(enrolment=enrolment, acting_user=acting_user)
    return _("%(name)s is suspended.") % _who(enrolment)


def _ask_resume(enrolment: Enrolment, _values: Values) -> Question:
    return Question(
        title=_("Let %(name)s go on?") % _who(enrolment),
        body=_(
            "The lessons open for them again unless their time has ended, and they go on where they were."
        ),
        verb=_("Let them go on"),
    )


def _resume(enrolment: Enrolment, _values: Values, acting_user: User) -> str:
    enrolment_resume(enrolment=enrolment, acting_user=acting_user)
    if not Enrolment.objects.filter(holding_seats(), pk=enrolment.pk).exists():
        return _(
            "%(name)s is in the class again, but their time has ended: set another end to let them in."
        ) % _who(enrolment)
    return _("%(name)s goes on where they were.") % _who(enrolment)


def _ask_withdraw(enrolment: Enrolment, _values: Values) -> Question:
    return Question(
        title=_("Remove %(name)s from the class?") % _who(enrolment),
        body=_(
            "What is for enrolled people closes for them, and only you can let them in again. Their progress is kept for then."
        ),
        verb=_("Remove"),
        is_grave=True,
    )


def _withdraw(enrolment: Enrolment, _values: Values, acting_user: User) -> str:
    enrolment_withdraw(enrolment=enrolment, acting_user=acting_user)
    return _("%(name)s is no longer in the class.") % _who(enrolment)


def _ask_reschedule(enrolment: Enrolment, values: Values) -> Question:
    cohort, ends = values.get("cohort"), values.get("expires_at")
    parts = [
        _("They go with the cohort “%(cohort)s”, whose dates then hold for them.")
        % {"cohort": cohort}
        if cohort
        else _("They go with no cohort."),
        _("What is for enrolled people closes for them on %(moment)s.") % {"moment": _moment(ends)}
        if ends
        else _("Their enrolment does not end by itself."),
    ]
    return Question(
        title=_("Change the dates of %(name)s?") % _who(enrolment),
        body=" ".join(parts),
        verb=_("Change the dates"),
    )


def _reschedule(enrolment: Enrolment, values: Values, acting_user: User) -> str:
    enrolment_reschedule(
        enrolment=enrolment,
        expires_at=values["expires_at"],
        cohort=values["cohort"],
        acting_user=acting_user,
        fields=values["written"],
    )
    return _("The dates of %(name)s are changed.") % _who(enrolment)


def _ask_move(enrolment: Enrolment, values: Values) -> Question:
    release = values["release"]
    now = getattr(getattr(enrolment, "progress", None), "percent", 0)
    then = percent_in(enrolment, release)
    said = {"number": release.number, "then": percentage(then), "now": percentage(now)}
    return Question(
        title=_("Move %(name)s to release %(number)s?") % {**_who(enrolment), **said},
        body=_(
            "They read that release from now on. Their progress will be %(then)s; it is %(now)s. "
            "What they have completed stays completed."
        )
        % said,
        verb=_("Move"),
    )


def _move(enrolment: Enrolment, values: Values, acting_user: User) -> str:
    release = values["release"]
    enrolment_move(enrolment=enrolment, release=release, acting_user=acting_user)
    return _("%(name)s reads release %(number)s.") % {**_who(enrolment), "number": release.number}


def _ask_open(enrolment: Enrolment, values: Values) -> Question:
    at = values.get("opens_at")
    said = _lesson(enrolment, values)
    body = (
        _("For them it opens on %(moment)s and is closed until then, whatever its rules say.")
        % {"moment": _moment(at)}
        if at
        else _("For them it is open at once, whatever its rules say.")
    )
    return Question(
        title=_("Set when “%(lesson)s” opens for %(name)s?") % said,
        body=body,
        verb=_("Set when it opens"),
    )


def _open(enrolment: Enrolment, values: Values, acting_user: User) -> str:
    drip_override_set(
        lesson=values["lesson"],
        opens_at=values["opens_at"],
        enrolment=enrolment,
        acting_user=acting_user,
    )
    return _("“%(lesson)s” opens for %(name)s as you said.") % _lesson(enrolment, values)


def _ask_follow(enrolment: Enrolment, values: Values) -> Question:
    said = _lesson(enrolment, values)
    return Question(
        title=_("End the exception of %(name)s?") % said,
        body=_("“%(lesson)s” opens for them by its rules again, and may close now.") % said,
        verb=_("End the exception"),
        is_grave=True,
    )


def _follow(enrolment: Enrolment, values: Values, acting_user: User) -> str:
    exceptions = DripOverride.objects.filter(enrolment=enrolment, lesson=values["lesson"])
    for override in exceptions:
        drip_override_clear(override=override, acting_user=acting_user)
    return _("“%(lesson)s” opens for %(name)s by its rules.") % _lesson(enrolment, values)


ACTIONS: Final[Mapping[str, Action]] = {
    "complete": Action(_ask_complete, _complete, LessonForm),
    "reopen": Action(_ask_reopen, _reopen, LessonForm),
    "suspend": Action(_ask_suspend, _suspend),
    "resume": Action(_ask_resume, _resume),
    "withdraw": Action(_ask_withdraw, _withdraw),
    "reschedule": Action(_ask_reschedule, _reschedule, RescheduleForm),
    "move": Action(_ask_move, _move, MoveForm),
    "open": Action(_ask_open, _open, OverrideForm),
    "follow": Action(_ask_follow, _follow, LessonForm),
}
