"""Writing an imported course; a row that is right already is not written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Now

from learning.courses.errors import ImportRefusedError, SlugTakenError
from learning.courses.models import Course, CourseAddress, Section, Status
from learning.courses.services.figures import StoredFigure, figure_row_put
from learning.courses.services.folders import FolderPlan
from learning.courses.services.lesson_files import PlannedLesson
from learning.lessons.models import Lesson, LessonRendition
from learning.lessons.rendering import RENDERER_VERSION, Rendered
from learning.lessons.services import (
    address_kept,
    drafts_keep,
    rendition_store,
    renditions_refresh,
    revisions_ensure,
)
from learning.lessons.sources import course_context
from learning.releases.errors import NothingToPublishError
from learning.releases.services import release_publish


@dataclass(frozen=True, slots=True)
class WantedCourse:
    """What shall be true; `rendered` holds content hash and rendition by slug."""

    slug: str
    plan: FolderPlan
    description_html: str
    figures: tuple[StoredFigure, ...]
    rendered: Mapping[str, tuple[str, Rendered]]
    publish: bool
    owner_id: int | None


@dataclass(slots=True)
class Outcome:
    """What was written."""

    is_new: bool = False
    is_changed: bool = False
    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    release: int | None = None


def course_apply(wanted: WantedCourse) -> Outcome:
    """The course's rows are as wanted; runs in the caller's transaction."""
    outcome = Outcome()
    course = _course(wanted, outcome)
    outcome.figures = [
        stored.name
        for stored in wanted.figures
        if figure_row_put(course_id=course.pk, stored=stored)
    ]
    sections, sections_changed = _sections(wanted.plan, course)
    _lessons(wanted, course, sections=sections, outcome=outcome)
    _withdraw(wanted.plan, course, outcome)
    rendered = _renditions(wanted, course)
    if wanted.publish:
        outcome.release = _publish(course)
    outcome.is_changed = bool(
        outcome.is_changed
        or outcome.release
        or sections_changed
        or rendered
        or outcome.created
        or outcome.changed
        or outcome.withdrawn
        or outcome.figures
    )
    return outcome


def _course(wanted: WantedCourse, outcome: Outcome) -> Course:
    plan = wanted.plan
    said = {
        "title": plan.title,
        "summary": plan.summary,
        "description": plan.description,
        "description_html": None if plan.description is None else wanted.description_html,
        "language": plan.language,
        "level": plan.level,
        "owner_id": wanted.owner_id,
    }
    values = {name: value for name, value in said.items() if value is not None}
    # Of two first imports at once, the later one waits and finds the course of the other.
    course, outcome.is_new = Course.objects.select_for_update(of=("self",)).get_or_create(
        slug=wanted.slug, defaults={"title": plan.default_title, **values}
    )
    if outcome.is_new and CourseAddress.objects.filter(slug=wanted.slug).exists():
        # Renamed since its folder was read.
        raise ImportRefusedError([f"{wanted.slug}: {SlugTakenError()}"])
    outcome.is_changed = outcome.is_new or _update(course, values)
    return course


def _sections(plan: FolderPlan, course: Course) -> tuple[dict[str, Section], bool]:
    """The sections by file, and whether any row was written."""
    if plan.sections is None:
        return {}, False
    by_file: dict[str, Section] = {}
    existing = {section.title: section for section in Section.objects.filter(course=course)}
    titled = [section for section in plan.sections if section.title]
    changed = False
    for position, planned in enumerate(titled, start=1):
        section = existing.pop(planned.title, None)
        if section is None:
            section = Section.objects.create(course=course, title=planned.title, position=position)
            changed = True
        elif section.position != position:
            Section.objects.filter(pk=section.pk).update(position=position)
            changed = True
        by_file.update(dict.fromkeys(planned.files, section))
    for section in existing.values():
        section.delete()
    return by_file, changed or bool(existing)


def _lessons(
    wanted: WantedCourse, course: Course, *, sections: Mapping[str, Section], outcome: Outcome
) -> None:
    existing = {lesson.slug: lesson for lesson in Lesson.objects.filter(course=course)}
    slugs = {planned.slug for planned in wanted.plan.lessons}
    by_file = {
        lesson.source_name: lesson
        for lesson in existing.values()
        if lesson.source_name and lesson.slug not in slugs
    }
    for position, planned in enumerate(wanted.plan.lessons, start=1):
        values = _lesson_values(wanted, planned, position=position)
        if wanted.plan.sections is not None:
            section = sections.get(planned.file)
            values["section_id"] = section.pk if section else None
        lesson = existing.get(planned.slug) or by_file.get(planned.file)
        if lesson is None:
            created = Lesson.objects.create(course=course, slug=planned.slug, **values)
            address_kept(lesson=created, before=None)
            outcome.created.append(planned.slug)
            continue
        before = Lesson(pk=lesson.pk, course_id=course.pk, slug=lesson.slug)
        if _update(lesson, {**values, "slug": planned.slug}):
            address_kept(lesson=lesson, before=before)
            outcome.changed.append(planned.slug)


def _lesson_values(
    wanted: WantedCourse, planned: PlannedLesson, *, position: int
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "position": position,
        "title": planned.title,
        "summary": planned.summary,
        "body": planned.body,
        "language": planned.language,
        "access": planned.access,
        "video_url": planned.video_url,
        "source_name": planned.file,
    }
    if wanted.publish:
        values["status"] = Status.PUBLISHED.value
    return values


def _withdraw(plan: FolderPlan, course: Course, outcome: Outcome) -> None:
    slugs = [planned.slug for planned in plan.lessons]
    gone = Lesson.objects.filter(course=course, status=Status.PUBLISHED).exclude(slug__in=slugs)
    # Lessons without a file were written in the admin and are none of the folder's.
    gone = gone.exclude(source_name="")
    outcome.withdrawn = list(gone.values_list("slug", flat=True))
    gone.update(status=Status.DRAFT, updated_at=Now())


def _renditions(wanted: WantedCourse, course: Course) -> bool:
    """The folder's renditions are stored; whether any had to be."""
    course = Course.objects.select_related("owner").get(pk=course.pk)
    lessons = list(Lesson.objects.filter(course=course))
    revisions = revisions_ensure(lessons=lessons, context=course_context(course))
    drafts_keep(lessons=lessons, revisions=revisions)
    current = LessonRendition.objects.filter(
        revision__in=list(revisions.values()), renderer_version=RENDERER_VERSION
    )
    standing = set(current.values_list("revision_id", flat=True))
    stored = False
    for lesson in lessons:
        revision = revisions[lesson.pk]
        content_hash, rendered = wanted.rendered.get(lesson.slug, ("", None))
        if rendered and revision.content_hash == content_hash and revision.pk not in standing:
            stored |= rendition_store(revision_id=revision.pk, rendered=rendered)
    # What changed under lessons that are not the folder's is rendered by jobs.
    renditions_refresh(course_id=course.pk)
    return stored


def _publish(course: Course) -> int | None:
    """The number of the release that was made; None where everything is published already."""
    course = Course.objects.select_related("owner").get(pk=course.pk)
    before = course.newest_release_id
    try:
        release = release_publish(course=course, acting_user=course.owner)
    except NothingToPublishError:
        return None
    return release.number if release.pk != before else None


def _update(row: Course | Lesson, values: Mapping[str, Any]) -> bool:
    """The row has these values; False, and nothing written, when it had them."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return False
    if isinstance(row, Course):
        Course.objects.filter(pk=row.pk).update(**changed, updated_at=Now())
    else:
        Lesson.objects.filter(pk=row.pk).update(**changed, updated_at=Now())
    for name, value in changed.items():
        setattr(row, name, value)
    return True
