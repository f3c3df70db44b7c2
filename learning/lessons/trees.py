"""A course's contents as one learner sees them: ticks, what waits for what, where to go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from learning.courses.models import Course
from learning.enrolments.opening import Opening, openings
from learning.lessons.selectors import LessonLink, SectionPage
from learning.progress.models import CourseProgress
from learning.progress.selectors import Mark, marks_of
from learning.progress.selectors.places import EntryPlace, Place, resume_place
from learning.releases.models import ReleaseLesson
from learning.releases.selectors import release_id_for
from learning.rights.selectors import Standing

NEW = "new"
"""The state of a lesson that a learner never opened."""


@dataclass(frozen=True, slots=True)
class TreeLink(LessonLink):
    """A lesson among the contents; `waits_for` says when a drip rule opens it.

    `content_hash` is of what the person's release has; it and `lesson_id` are empty for what is
    in no release.
    """

    lesson_id: int | None
    content_hash: str
    state: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class TreeSection:
    title: str
    lessons: Sequence[TreeLink]


@dataclass(frozen=True, slots=True)
class Tree:
    """The contents; of the rest, only what a learner has.

    `seed` is what the page's script begins with; None for whoever does not learn here.
    """

    sections: Sequence[TreeSection]
    seed: Mapping[str, Any] | None = None
    progress: CourseProgress | None = None
    resume: Place | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)

    def link_at(self, permalink: str) -> TreeLink | None:
        """The lesson at `permalink`."""
        links = (link for section in self.sections for link in section.lessons)
        return next((link for link in links if link.permalink == permalink), None)

    @property
    def resume_url(self) -> str:
        if self.resume is None:
            return ""
        anchor = self.resume.anchor
        return f"{self.resume.url}#{anchor}" if anchor else self.resume.url


@dataclass(frozen=True, slots=True)
class _Entry:
    lesson_id: int
    is_required: bool
    content_hash: str


def tree_of(standing: Standing, course: Course, contents: Sequence[SectionPage]) -> Tree:
    """The contents with the person's progress: at most seven queries, however many lessons."""
    entries = _entries(standing, course)
    waiting = openings(
        standing=standing,
        course=course,
        lesson_ids=[entry.lesson_id for entry in entries.values()],
    )
    seat = standing.seat_in(course.pk)
    marks = marks_of(standing.person, course.pk) if seat else {}
    sections = [
        TreeSection(
            title=section.title,
            lessons=[_link(link, entries, marks, waiting) for link in section.lessons],
        )
        for section in contents
    ]
    if seat is None:
        return Tree(sections=sections)
    row = CourseProgress.objects.filter(pk=seat.enrolment_id).first()
    progress = row or CourseProgress(pk=seat.enrolment_id)
    links = [link for section in sections for link in section.lessons]
    return Tree(
        sections=sections,
        seed=_seed(course, progress, links, entries),
        progress=progress,
        resume=_resume(course, progress, links, marks),
        marks={link.permalink: marks[link.lesson_id] for link in links if link.lesson_id in marks},
    )


def _entries(standing: Standing, course: Course) -> dict[str, _Entry]:
    release_id = release_id_for(standing, course)
    if release_id is None:
        return {}
    rows = ReleaseLesson.objects.filter(release_id=release_id).order_by()
    return {
        f"{course.slug}/{slug}": _Entry(*values)
        for slug, *values in rows.values_list(
            "lesson__slug", "lesson_id", "is_required", "revision__content_hash"
        )
    }


def _link(
    link: LessonLink,
    entries: Mapping[str, _Entry],
    marks: Mapping[int, Mark],
    waiting: Mapping[int, Opening],
) -> TreeLink:
    entry = entries.get(link.permalink)
    lesson_id = entry.lesson_id if entry else None
    mark = marks.get(lesson_id) if lesson_id else None
    opening = waiting.get(lesson_id) if lesson_id else None
    waits_for = opening.sentence if opening and not opening.is_open else ""
    said = {one.name: getattr(link, one.name) for one in fields(LessonLink)}
    return TreeLink(
        **{**said, "is_locked": link.is_locked or bool(waits_for)},
        lesson_id=lesson_id,
        content_hash=entry.content_hash if entry else "",
        state=mark.state if mark else NEW,
        waits_for=waits_for,
    )


def _seed(
    course: Course,
    progress: CourseProgress,
    links: Sequence[TreeLink],
    entries: Mapping[str, _Entry],
) -> dict[str, Any]:
    return {
        "course_id": course.pk,
        "seq": progress.seq,
        "percent": progress.percent,
        "lessons": {
            link.permalink: {
                "state": link.state,
                "required": entries[link.permalink].is_required,
            }
            for link in links
            if link.lesson_id is not None
        },
    }


def _resume(
    course: Course,
    progress: CourseProgress,
    links: Sequence[TreeLink],
    marks: Mapping[int, Mark],
) -> Place | None:
    places = [
        EntryPlace(link.lesson_id, link.permalink.rpartition("/")[2], link.title)
        for link in links
        if link.lesson_id is not None
    ]
    return resume_place(course.slug, places, marks, last_lesson_id=progress.last_lesson_id)
