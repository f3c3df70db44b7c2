"""Who reads which text of a lesson, and what pages and API show of it."""

from learning.lessons.selectors.figures import FigureFile, figure_for
from learning.lessons.selectors.lists import (
    DraftState,
    LessonLink,
    SectionPage,
    course_contents,
    neighbours,
    readings_of,
    shown_revisions,
)
from learning.lessons.selectors.pages import (
    LessonPage,
    LessonSummary,
    OutlineEntry,
    lesson_page,
    lesson_summaries,
)
from learning.lessons.selectors.reading import (
    Access,
    Reading,
    lesson_at,
    reading_for,
    reading_of,
    reading_require_full,
)

__all__ = [
    "Access",
    "DraftState",
    "FigureFile",
    "LessonLink",
    "LessonPage",
    "LessonSummary",
    "OutlineEntry",
    "Reading",
    "SectionPage",
    "course_contents",
    "figure_for",
    "lesson_at",
    "lesson_page",
    "lesson_summaries",
    "neighbours",
    "reading_for",
    "reading_of",
    "reading_require_full",
    "readings_of",
    "shown_revisions",
]
