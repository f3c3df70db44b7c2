"""The boxes that a lesson can hold, and what they are called."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEUTRAL: Final = "box"
FOLDED: Final = frozenset({"solution", "hint", "spoiler"})

LABELS: Final[dict[str, Promise | str]] = {
    "callout": _("Note"),
    "caution": _("Caution"),
    "challenge": _("Challenge"),
    "checklist": _("Checklist"),
    "discussion": _("Discussion"),
    "hint": _("Hint"),
    "important": _("Important"),
    "instructor": _("For instructors"),
    "keypoints": _("Key points"),
    "note": _("Note"),
    "objectives": _("Objectives"),
    "prereq": _("Prerequisites"),
    "questions": _("Questions"),
    "solution": _("Solution"),
    "spoiler": _("More"),
    "testimonial": _("Testimonial"),
    "tip": _("Tip"),
    "warning": _("Warning"),
}
_SYNONYMS: Final = {
    "exercise": "challenge",
    "prerequisite": "prereq",
    "prerequisites": "prereq",
    "solutions": "solution",
    "key-points": "keypoints",
    "info": "note",
    "danger": "warning",
}


def kind_of(classes: tuple[str, ...]) -> str:
    """The kind of a box by its classes; `box` where none of them is known."""
    for name in classes:
        kind = _SYNONYMS.get(name.lower(), name.lower())
        if kind in LABELS:
            return kind
    return NEUTRAL


def label_of(kind: str) -> str:
    """What a box of this kind is called in the active language; empty for a neutral one."""
    return str(LABELS.get(kind, ""))
