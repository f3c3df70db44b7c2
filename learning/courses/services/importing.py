"""A folder of Markdown becomes a course."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from academy.accounts.models import User
from academy.platform.documents.errors import UnusableFigureError
from academy.platform.documents.markdown import Figure
from academy.platform.errors import InvalidInputError
from learning.courses.errors import ImportRefusedError
from learning.courses.models import Course, CourseAddress
from learning.courses.paths import reads_as_id
from learning.courses.services import applying
from learning.courses.services.courses import description_html
from learning.courses.services.figures import (
    FIGURE_SUFFIXES,
    MAX_FIGURE_BYTES,
    StoredFigure,
    figure_keep,
    figure_name,
)
from learning.courses.services.findings import Findings
from learning.courses.services.folders import COURSE_FILE, FolderPlan, pictures_in, read_folder
from learning.courses.services.lesson_files import (
    PlannedLesson,
    is_slug,
    read_regular,
    slug_from_name,
)
from learning.lessons.rendering import Rendered, mentioned, render_lesson
from learning.lessons.sources import CourseContext, course_context, links_of

_DEFAULT_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import changed; the lists hold slugs of lessons or names of figures.

    `release` is the number of the release that it made, None without one.
    """

    slug: str
    title: str
    is_new: bool
    is_changed: bool
    lesson_count: int
    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    release: int | None = None


def course_import(
    *, folder: Path, slug: str | None = None, publish: bool = False, owner_id: int | None = None
) -> ImportReport:
    """The course is what the folder says; a second call with the same folder changes no row.

    Lessons keep their identity by slug, else by file name (then the old address stays theirs).
    With `publish` the folder's lessons are published with a release, unless the newest one has it
    all; without it readers see what they saw. Lessons that left the folder leave the next release.
    None for `owner_id` leaves the owner.

    Raises:
        ImportRefusedError: something is wrong with the folder; every problem is named, and
            nothing was changed.
    """
    findings = Findings()
    if owner_id is not None and not User.objects.filter(pk=owner_id).exists():
        findings.error(folder.name, None, _("The owner does not exist."))
    slug, plan, html = _read(folder, slug, findings=findings)
    figures = _figures(plan, findings=findings)
    course = _existing(slug)
    context = _context(plan, figures, course=course, slug=slug, owner_id=owner_id)
    rendered = {
        lesson.slug: _rendered(lesson, context, findings=findings) for lesson in plan.lessons
    }
    wanted = applying.WantedCourse(
        slug=context.slug,
        plan=plan,
        description_html=html,
        figures=tuple(figures.values()),
        rendered=rendered,
        publish=publish,
        owner_id=owner_id,
    )
    with transaction.atomic():
        outcome = applying.course_apply(wanted)
    return _report(wanted, outcome, title=context.title, findings=findings)


def _read(folder: Path, slug: str | None, *, findings: Findings) -> tuple[str, FolderPlan, str]:
    """The course's slug, its plan and its description's HTML; refused with all that is wrong."""
    root = folder.resolve()
    course_slug = _course_slug(root, slug, findings=findings)
    if not root.is_dir():
        findings.error(str(folder), None, _("There is no such folder."))
        raise ImportRefusedError([str(finding) for finding in findings.errors])
    plan = read_folder(root, findings=findings)
    html = _description(plan, findings=findings)
    if findings.errors:
        raise ImportRefusedError([str(finding) for finding in sorted(findings.errors)])
    return course_slug, plan, html


def _report(
    wanted: applying.WantedCourse, outcome: applying.Outcome, *, title: str, findings: Findings
) -> ImportReport:
    return ImportReport(
        slug=wanted.slug,
        title=title,
        is_new=outcome.is_new,
        is_changed=outcome.is_changed,
        lesson_count=len(wanted.plan.lessons),
        created=tuple(outcome.created),
        changed=tuple(outcome.changed),
        withdrawn=tuple(outcome.withdrawn),
        figures=tuple(outcome.figures),
        warnings=tuple(str(finding) for finding in findings.warnings),
        release=outcome.release,
    )


def _course_slug(root: Path, slug: str | None, *, findings: Findings) -> str:
    wanted = slug if slug is not None else slug_from_name(root.name)
    if not is_slug(wanted):
        message = _("“%s” cannot be an address: give one of a-z, 0-9, - and _ with --slug.")
        findings.error(root.name, None, message % (slug if slug is not None else root.name))
    elif reads_as_id(wanted) and not Course.objects.filter(slug=wanted).exists():
        message = _("“%s” would be taken for a course's number: add a letter with --slug.")
        findings.error(root.name, None, message % wanted)
    return wanted


def _existing(slug: str) -> Course | None:
    course = Course.objects.select_related("owner").filter(slug=slug).first()
    if course is None:
        # Renamed since: the folder still means the same course.
        address = CourseAddress.objects.select_related("course__owner").filter(slug=slug).first()
        course = address.course if address else None
    return course


def _description(plan: FolderPlan, *, findings: Findings) -> str:
    try:
        return description_html(plan.description or "")
    except InvalidInputError as error:
        findings.error(COURSE_FILE, None, str(error))
        return ""


def _figures(plan: FolderPlan, *, findings: Findings) -> dict[str, StoredFigure]:
    names = dict.fromkeys(pictures_in(plan.root, suffixes=FIGURE_SUFFIXES))
    wanted = set[str]().union(*(mentioned(lesson.body, names) for lesson in plan.lessons))
    kept = {}
    for name in sorted(wanted):
        figure = _figure(plan.root, name, findings=findings)
        if figure is not None:
            kept[name] = figure
    return kept


def _figure(root: Path, name: str, *, findings: Findings) -> StoredFigure | None:
    path = root / name
    try:
        if not path.resolve().is_relative_to(root):
            findings.warn(name, None, _("This link leads out of the folder; it is left out."))
            return None
        if path.stat().st_size > MAX_FIGURE_BYTES:
            limit = MAX_FIGURE_BYTES // 1_000_000
            findings.warn(name, None, _("The picture is larger than %d MB.") % limit)
            return None
        return figure_keep(name=figure_name(name), data=read_regular(path))
    except (OSError, RuntimeError) as error:
        findings.warn(name, None, _("The file cannot be read: %s.") % error)
    except UnusableFigureError as error:
        findings.warn(name, None, str(error))
    return None


def _context(
    plan: FolderPlan,
    figures: Mapping[str, StoredFigure],
    *,
    course: Course | None,
    slug: str,
    owner_id: int | None,
) -> CourseContext:
    """The context that the course will have once the folder is applied."""
    before = course_context(course) if course else None
    owner = User.objects.filter(pk=owner_id).first() if owner_id is not None else None
    course_slug = course.slug if course else slug
    return CourseContext(
        slug=course_slug,
        title=plan.title or (before.title if before else plan.default_title),
        language=plan.language or (before.language if before else _DEFAULT_LANGUAGE),
        author=str(owner) if owner else (before.author if before else ""),
        figures={
            **(before.figures if before else {}),
            **{name: _as_figure(stored) for name, stored in figures.items()},
        },
        links={
            **(before.links if before else {}),
            **links_of(course_slug, [(lesson.slug, lesson.file) for lesson in plan.lessons]),
        },
    )


def _as_figure(stored: StoredFigure) -> Figure:
    return Figure(
        name=stored.name,
        digest=stored.digest,
        content_type=stored.content_type,
        width_px=stored.width,
        height_px=stored.height,
    )


def _rendered(
    lesson: PlannedLesson, context: CourseContext, *, findings: Findings
) -> tuple[str, Rendered]:
    source = context.source(
        title=lesson.title,
        body=lesson.body,
        language=lesson.language,
        summary=lesson.summary,
        access=lesson.access,
        video_url=lesson.video_url,
    )
    rendered = render_lesson(source)
    if rendered.problem:
        findings.warn(lesson.file, lesson.body_line, rendered.problem)
    for problem in rendered.warnings:
        findings.warn(lesson.file, lesson.body_line + problem.line - 1, problem.message)
    return source.content_hash, rendered
