"""A course's contents as one learner sees them: ticks, what waits for what, where to go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from learning.courses.models import Course
from learning.lessons.selectors import LessonLink, SectionPage
from learning.progress.models import CourseProgress
from learning.progress.selectors import Mark, marks_of
from learning.progress.selectors.places import EntryPlace, Place, resume_place
from learning.rights.selectors import Standing

NEW = "new"
"""The state of a lesson that a learner never opened."""


@dataclass(frozen=True, slots=True)
class TreeLink(LessonLink):
    """A lesson among the contents; `state` is `new`, `opened` or `completed`."""

    state: str


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
    def is_read_through(self) -> bool:
        """Whether no lesson is left, required or not."""
        mark = self.marks.get(self.resume.permalink) if self.resume else None
        return mark is not None and mark.is_completed

    @property
    def resume_url(self) -> str:
        if self.resume is None:
            return ""
        anchor = self.resume.anchor
        return f"{self.resume.url}#{anchor}" if anchor else self.resume.url


def tree_of(standing: Standing, course: Course, contents: Sequence[SectionPage]) -> Tree:
    """The contents with the person's progress: at most two queries, however many lessons."""
    seat = standing.seat_in(course.pk)
    marks = marks_of(standing.person, course.pk) if seat else {}
    sections = [
        TreeSection(title=section.title, lessons=[_link(link, marks) for link in section.lessons])
        for section in contents
    ]
    if seat is None:
        return Tree(sections=sections)
    row = CourseProgress.objects.filter(pk=seat.enrolment_id).first()
    progress = row or CourseProgress(pk=seat.enrolment_id)
    # A draft is nobody's progress.
    links = [link for section in sections for link in section.lessons if not link.is_draft]
    return Tree(
        sections=sections,
        seed=_seed(course, progress, links),
        progress=progress,
        resume=_resume(course, progress, links, marks),
        marks={link.permalink: marks[link.lesson_id] for link in links if link.lesson_id in marks},
    )


def _link(link: LessonLink, marks: Mapping[int, Mark]) -> TreeLink:
    mark = None if link.is_draft else marks.get(link.lesson_id)
    said = {one.name: getattr(link, one.name) for one in fields(LessonLink)}
    return TreeLink(**said, state=mark.state if mark else NEW)


def _seed(course: Course, progress: CourseProgress, links: Sequence[TreeLink]) -> dict[str, Any]:
    return {
        "course_id": course.pk,
        "seq": progress.seq,
        "percent": progress.percent,
        "lessons": {
            link.permalink: {"state": link.state, "required": link.is_required} for link in links
        },
    }


def _resume(
    course: Course,
    progress: CourseProgress,
    links: Sequence[TreeLink],
    marks: Mapping[int, Mark],
) -> Place | None:
    places = [
        EntryPlace(link.lesson_id, link.permalink.rpartition("/")[2], link.title) for link in links
    ]
    return resume_place(
        course.slug,
        places,
        marks,
        last_lesson_id=progress.last_lesson_id,
        closed={link.lesson_id for link in links if link.is_locked},
    )
