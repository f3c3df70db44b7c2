"""Who may do what to a course; `docs/permissions.md` shows this very table."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class CourseRole(StrEnum):
    """What a person is to one course; the first that holds counts."""

    OPERATOR = "operator"
    OWNER = "owner"
    CO_INSTRUCTOR = "co_instructor"
    ASSISTANT = "assistant"
    LEARNER = "learner"
    PERSON = "person"
    STRANGER = "stranger"


_OPERATOR = CourseRole.OPERATOR
_LEAD: Final = frozenset({_OPERATOR, CourseRole.OWNER})
_TEACH: Final = _LEAD | {CourseRole.CO_INSTRUCTOR}
_SEE: Final = _TEACH | {CourseRole.ASSISTANT}

COURSE_ACTIONS: Final[Mapping[str, frozenset[CourseRole]]] = {
    "course.see_draft": _SEE,
    "course.edit": _TEACH,
    "course.publish": _TEACH,
    "course.withdraw": _LEAD,
    "course.delete": _LEAD,
    "course.manage_staff": _LEAD,
    "lesson.export_draft": _TEACH,
    "class.see": _SEE,
    "class.export": _SEE,
    "class.manage": _TEACH,
    "progress.write": frozenset({CourseRole.LEARNER}),
}
"""Actions on a course by the roles that may do them.

Beside these, `course.see` also depends on the course: staff always; everybody else once it is
published, and strangers to it not where it is for enrolled people only. `course.enrol` is for
whoever is signed in and sees it.
"""
