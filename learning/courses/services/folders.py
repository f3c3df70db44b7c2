"""Reading a folder of lessons; no row is read or written here."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from django.utils.translation import gettext as _

from academy.platform.documents.text import clean_line
from learning.courses.models import MAX_DESCRIPTION_CHARACTERS, Level
from learning.courses.services.findings import Findings
from learning.courses.services.lesson_files import (
    PlannedLesson,
    checked_language,
    humanised,
    is_text,
    read_lesson,
    read_text,
)
from learning.courses.services.yaml_text import Mapping, Text, read_mapping

COURSE_FILE: Final = "course.yaml"
_CARPENTRIES_FILE: Final = "config.yaml"
_NO_LESSON: Final = re.compile(r"(?:readme|license|contributing|changelog)\.md", re.IGNORECASE)
_MAX_FILES: Final = 20_000


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """A heading and the files under it."""

    title: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """A course as its folder describes it; lessons are in reading order.

    None means that the folder does not say, so an existing course keeps what it has.
    """

    root: Path
    lessons: tuple[PlannedLesson, ...]
    sections: tuple[PlannedSection, ...] | None
    title: str | None
    summary: str | None
    description: str | None
    language: str | None
    level: str | None

    @property
    def default_title(self) -> str:
        """The title of a course whose folder names none."""
        return humanised(self.root.name)


def read_folder(root: Path, *, findings: Findings) -> FolderPlan:
    """What the folder says; everything wrong with it is reported."""
    course = _course_file(root, findings=findings)
    sections = _sections(course) if course else None
    listed = [text for section in sections or () for text in section[1]]
    lessons = _lessons(root, listed=[text.value for text in listed], findings=findings)
    _report_same_slugs(lessons, findings=findings)
    if not lessons and not findings.errors:
        findings.error(root.name, None, _("There is no lesson in this folder: no .md file."))
    if sections is None or course is None:
        planned, ordered = None, lessons
    else:
        planned = _planned_sections(sections, lessons=lessons, course=course)
        ordered = _in_order(lessons, planned)
    return FolderPlan(
        root=root,
        lessons=tuple(ordered),
        sections=planned,
        title=_value(course, "title", limit=200) or _carpentries_title(root, findings=findings),
        summary=_value(course, "summary", limit=500),
        description=_value(course, "description", limit=MAX_DESCRIPTION_CHARACTERS),
        language=_language(course),
        level=_level(course),
    )


def _course_file(root: Path, *, findings: Findings) -> Mapping | None:
    if not os.path.lexists(root / COURSE_FILE):
        return None
    text = read_text(root / COURSE_FILE, root=root, file=COURSE_FILE, findings=findings)
    if text is None:
        return None
    return read_mapping(text, file=COURSE_FILE, first_line=1, findings=findings)


def _carpentries_title(root: Path, *, findings: Findings) -> str | None:
    if not (root / _CARPENTRIES_FILE).is_file():
        return None
    text = read_text(root / _CARPENTRIES_FILE, root=root, file=_CARPENTRIES_FILE, findings=findings)
    if text is None:
        return None
    config = read_mapping(text, file=_CARPENTRIES_FILE, first_line=1, findings=findings)
    return _value(config, "title", limit=200)


def _value(mapping: Mapping | None, name: str, *, limit: int) -> str | None:
    text = mapping.text(name, limit=limit) if mapping else None
    if text is None:
        return None
    return text.value if name == "description" else clean_line(text.value)


def _language(course: Mapping | None) -> str | None:
    if course is None:
        return None
    text = course.text("language", limit=35)
    return checked_language(text, file=COURSE_FILE, findings=course.findings) or None


def _level(course: Mapping | None) -> str | None:
    text = course.text("level", limit=40) if course else None
    if course is None or text is None:
        return None
    if text.value and text.value.lower() not in Level.values:
        message = _("“%(value)s” is no level; write one of %(known)s.")
        facts = {"value": text.value, "known": ", ".join(Level.values)}
        course.findings.error(COURSE_FILE, text.line, message % facts)
    return text.value.lower()


def _sections(course: Mapping) -> list[tuple[Text, list[Text]]] | None:
    """Titles and files as written; None where the course file does not order its lessons."""
    if "sections" not in course.nodes:
        if "lessons" not in course.nodes:
            return None
        return [(Text("", 1), list(course.texts("lessons")))]
    sections = []
    for entry in course.mappings("sections"):
        title = entry.text("title", limit=200)
        if title is None or not title.value:
            line = min((entry.line_of(node) for node in entry.nodes.values()), default=1)
            course.findings.error(COURSE_FILE, line, _("A section has to have a title."))
            title = Text("", line)
        sections.append((title, list(entry.texts("lessons"))))
    return sections


def _lessons(root: Path, *, listed: list[str], findings: Findings) -> list[PlannedLesson]:
    try:
        names = {entry.name for entry in root.iterdir() if _is_lesson_file(entry)}
    except OSError as error:
        findings.error(root.name, None, _("The folder cannot be read: %s.") % error)
        return []
    names |= {name for name in listed if "/" in name and _stays_inside(name)}
    lessons = []
    for name in sorted(names):
        text = read_text(root / name, root=root, file=name, findings=findings)
        if text is not None:
            lessons.append(read_lesson(text, file=name, findings=findings))
    return lessons


def _is_lesson_file(path: Path) -> bool:
    name = path.name
    if name.startswith(".") or not name.lower().endswith(".md"):
        return False
    return not _NO_LESSON.fullmatch(name) and not path.is_dir()


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _report_same_slugs(lessons: list[PlannedLesson], *, findings: Findings) -> None:
    first: dict[str, str] = {}
    for lesson in lessons:
        other = first.setdefault(lesson.slug, lesson.file)
        if other != lesson.file:
            message = _("The address “%(slug)s” belongs to %(other)s already.")
            facts = {"slug": lesson.slug, "other": other}
            findings.error(lesson.file, lesson.slug_line, message % facts)


def _planned_sections(
    sections: list[tuple[Text, list[Text]]], *, lessons: list[PlannedLesson], course: Mapping
) -> tuple[PlannedSection, ...]:
    known = {lesson.file: lesson.file for lesson in lessons}
    known |= {lesson.file.rpartition(".")[0]: lesson.file for lesson in lessons}
    known |= {lesson.slug: lesson.file for lesson in lessons}
    findings, placed, titles = course.findings, set[str](), set[str]()
    planned = []
    for title, entries in sections:
        if title.value in titles:
            message = _("Two sections are called “%s”.") % title.value
            findings.error(COURSE_FILE, title.line, message)
        titles.add(title.value)
        files = []
        for entry in entries:
            file = known.get(entry.value)
            if file is None:
                message = _("There is no lesson “%s” in the folder.") % entry.value
                findings.error(COURSE_FILE, entry.line, message)
            elif file in placed:
                findings.error(COURSE_FILE, entry.line, _("%s is listed twice.") % file)
            else:
                placed.add(file)
                files.append(file)
        planned.append(PlannedSection(title=clean_line(title.value), files=tuple(files)))
    for lesson in lessons:
        if lesson.file not in placed:
            message = _("%s does not list this lesson, so it comes last.") % COURSE_FILE
            findings.warn(lesson.file, 1, message)
    return tuple(planned)


def _in_order(
    lessons: list[PlannedLesson], sections: tuple[PlannedSection, ...]
) -> list[PlannedLesson]:
    places = {file: n for n, file in enumerate(f for section in sections for f in section.files)}
    return sorted(lessons, key=lambda lesson: (places.get(lesson.file, len(places)), lesson.file))


def pictures_in(root: Path, *, suffixes: frozenset[str]) -> Iterator[str]:
    """Names of the pictures below the folder, hidden ones and linked folders left out."""
    seen = 0
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(files):
            seen += 1
            if seen > _MAX_FILES:
                return
            if name.startswith(".") or PurePosixPath(name).suffix.lower() not in suffixes:
                continue
            path = (Path(folder) / name).relative_to(root).as_posix()
            if is_text(path):
                yield path
