"""How one lesson differs from what a release has of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from learning.courses.paths import lesson_path
from learning.lessons.models import Lesson, LessonRevision, Tier
from learning.lessons.rendering import LessonSource
from learning.progress.rules import Facts, explained
from learning.releases.models import ReleaseLesson
from learning.releases.texts import Budget, TextDiff, text_diff


@dataclass(frozen=True, slots=True)
class LessonPlace:
    """A lesson and where it stands, counted from 1; `section` is empty under no heading."""

    lesson_id: int
    permalink: str
    title: str
    section: str
    position: int
    is_required: bool

    @property
    def url(self) -> str:
        """The lesson's page."""
        return lesson_path(self.permalink)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that was so and will be otherwise, in words for those who teach.

    Both are empty where the words would be too long.
    """

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FigureChanges:
    """Names of the pictures that a lesson may show."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class LessonChange:
    """A lesson whose own content or settings changed; `text` is None where its text did not."""

    place: LessonPlace
    settings: tuple[Setting, ...]
    text: TextDiff | None
    figures: FigureChanges


def lesson_change(
    *,
    place: LessonPlace,
    lesson: Lesson,
    source: LessonSource,
    entry: ReleaseLesson,
    body_before: str,
    budget: Budget,
) -> LessonChange | None:
    """How the lesson differs from the entry; None where it does not itself. No query."""
    settings = tuple(_settings(lesson, source, entry))
    is_rewritten = source.body != body_before
    figures = _figures(entry.revision, source)
    if not (settings or is_rewritten or figures):
        return None
    text = text_diff(body_before, source.body, budget) if is_rewritten else None
    return LessonChange(place=place, settings=settings, text=text, figures=figures)


def _settings(lesson: Lesson, source: LessonSource, entry: ReleaseLesson) -> Iterator[Setting]:
    was = entry.revision
    told = [
        Setting("title", _("Title"), was.title, source.title),
        Setting("summary", _("Summary"), was.summary, source.summary),
        Setting("language", _("Language"), was.language, source.language),
        Setting("access", _("Access"), _tier(was.access), _tier(source.access)),
        Setting("video_url", _("Video"), was.video_url, source.video_url),
        Setting("is_required", _("Counts"), _counts(entry), _counts(lesson)),
    ]
    yield from (setting for setting in told if setting.before != setting.after)
    if entry.completion != lesson.completion:
        before, after = completion_text(entry.completion), completion_text(lesson.completion)
        if before == after:
            before, after = json.dumps(entry.completion), json.dumps(lesson.completion)
        yield Setting("completion", _("What completes it"), before, after)


def completion_text(completion: Mapping[str, Any]) -> str:
    """What a learner does to complete a lesson, in sentences."""
    nothing_done = Facts(enrolment_id=0, lesson_id=0, seconds=0, is_marked=False)
    return explained(completion, nothing_done).missing_text


def _tier(access: str) -> str:
    return str(Tier(access).label)


def _counts(row: Lesson | ReleaseLesson) -> str:
    return _("Yes") if row.is_required else _("No")


def _figures(was: LessonRevision, source: LessonSource) -> FigureChanges:
    before = {name: values[0] for name, values in was.figures.items()}
    after = {name: figure.digest for name, figure in source.figures.items()}
    return FigureChanges(
        added=tuple(sorted(set(after) - set(before))),
        removed=tuple(sorted(set(before) - set(after))),
        changed=tuple(sorted(n for n in after if n in before and after[n] != before[n])),
    )
