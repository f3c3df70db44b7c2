"""How one lesson differs between a release and the one before it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from learning.courses.models import Course
from learning.courses.paths import lesson_path
from learning.lessons.models import Lesson, Tier
from learning.lessons.rendering import LessonSource, digest_of
from learning.lessons.sources import revision_facts
from learning.progress.rules import Facts, explained
from learning.releases.matching import Budget
from learning.releases.models import ReleaseLesson
from learning.releases.texts import TextDiff, text_diff


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


@dataclass(frozen=True, slots=True)
class LessonSide:
    """A lesson as a release has it, or as the next one would.

    `revision_id` is None where publishing would have to look for a revision first. The text is
    there only then, and `with_text`.
    """

    place: LessonPlace
    source: LessonSource
    revision_id: int | None
    completion: Mapping[str, Any]

    def may_say_other_than(self, other: "LessonSide") -> bool:
        """Whether the texts differ, or only reading them tells."""
        if self.revision_id == other.revision_id:
            return False
        ours, theirs = self.source.text_digest, other.source.text_digest
        return not ours or ours != theirs

    def is_other_content_than(self, other: "LessonSide") -> bool:
        """Whether readers would see anything else; both are `with_text`."""
        if self.revision_id is not None and self.revision_id == other.revision_id:
            return False
        return self.source.content_hash != other.source.content_hash

    def with_text(self, texts: Mapping[int, str]) -> "LessonSide":
        """The same with its text, if that is among these by revision."""
        text = texts.get(self.revision_id or 0)
        if text is None:
            return self
        told = replace(self.source, body=text, text_digest=digest_of(text))
        return replace(self, source=told)


def lesson_side(
    lesson: Lesson, source: LessonSource, *, position: int, revision_id: int | None
) -> LessonSide:
    """The lesson as it is written, in this place of the next release; its section is loaded."""
    return LessonSide(
        place=LessonPlace(
            lesson_id=lesson.pk,
            permalink=f"{source.course_slug}/{lesson.slug}",
            title=lesson.title,
            section=lesson.section.title if lesson.section else "",
            position=position,
            is_required=lesson.is_required,
        ),
        source=source,
        revision_id=revision_id,
        completion=lesson.completion,
    )


def entry_side(entry: ReleaseLesson, course: Course) -> LessonSide:
    """The lesson as the release has it, without its text."""
    revision = entry.revision
    return LessonSide(
        place=LessonPlace(
            lesson_id=entry.lesson_id,
            permalink=f"{course.slug}/{entry.lesson.slug}",
            title=revision.title,
            section=entry.section_title,
            position=entry.position,
            is_required=entry.is_required,
        ),
        source=revision_facts(revision),
        revision_id=entry.revision_id,
        completion=entry.completion,
    )


def lesson_change(before: LessonSide, after: LessonSide, *, budget: Budget) -> LessonChange | None:
    """How the lesson changed; None where it did not itself. No query."""
    was, now = before.source, after.source
    settings = tuple(_settings(before, after))
    is_rewritten = was.text_digest != now.text_digest
    figures = _figures(was, now)
    if not (settings or is_rewritten or figures):
        return None
    text = text_diff(was.body, now.body, budget) if is_rewritten else None
    return LessonChange(place=after.place, settings=settings, text=text, figures=figures)


def _settings(before: LessonSide, after: LessonSide) -> Iterator[Setting]:
    was, now = before.source, after.source
    told = [
        Setting("title", _("Title"), was.title, now.title),
        Setting("summary", _("Summary"), was.summary, now.summary),
        Setting("language", _("Language"), was.language, now.language),
        Setting("access", _("Access"), _tier(was.access), _tier(now.access)),
        Setting("video_url", _("Video"), was.video_url, now.video_url),
        Setting("is_required", _("Counts"), _counts(before.place), _counts(after.place)),
    ]
    yield from (setting for setting in told if setting.before != setting.after)
    if before.completion != after.completion:
        old, new = completion_text(before.completion), completion_text(after.completion)
        if old == new:
            old, new = json.dumps(before.completion), json.dumps(after.completion)
        yield Setting("completion", _("What completes it"), old, new)


def completion_text(completion: Mapping[str, Any]) -> str:
    """What a learner does to complete a lesson, in sentences."""
    nothing_done = Facts(enrolment_id=0, lesson_id=0, seconds=0, is_marked=False)
    return explained(completion, nothing_done).missing_text


def _tier(access: str) -> str:
    return str(Tier(access).label)


def _counts(place: LessonPlace) -> str:
    return _("Yes") if place.is_required else _("No")


def _figures(was: LessonSource, now: LessonSource) -> FigureChanges:
    before = {name: figure.digest for name, figure in was.figures.items()}
    after = {name: figure.digest for name, figure in now.figures.items()}
    return FigureChanges(
        added=tuple(sorted(set(after) - set(before))),
        removed=tuple(sorted(set(before) - set(after))),
        changed=tuple(sorted(n for n in after if n in before and after[n] != before[n])),
    )
