"""Lessons and their order as programs and forms write them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from academy.platform.database.rows import is_new
from academy.platform.documents.text import clean_line
from academy.platform.errors import InvalidInputError
from learning.courses.models import Course, Section
from learning.lessons.errors import LessonSlugTakenError
from learning.lessons.models import Lesson
from learning.lessons.services.saving import course_lock, lesson_save, lessons_follow
from learning.lessons.sources import contested_names
from learning.progress.rules import expression_require

MAX_SECTIONS = 200


@transaction.atomic
def lesson_edit(*, lesson: Lesson, values: Mapping[str, Any]) -> Lesson:
    """The lesson, new or known, has these values; whatever else is written of it stays.

    A new one without a position comes last.

    Raises:
        CourseNotFoundError, LessonNotFoundError: it is gone.
        InvalidInputError: the section is gone.
        LessonSlugTakenError: another lesson has the address; nothing was stored.
        RuleInvalidError, ReservedSlugError: a value cannot be used; nothing was stored.
    """
    for name, value in values.items():
        setattr(lesson, name, value)
    expression_require(lesson.completion)
    course_lock(lesson.course_id)
    _require_section(values.get("section"))
    others = Lesson.objects.filter(course_id=lesson.course_id).exclude(pk=lesson.pk)
    if "slug" in values and others.filter(slug=lesson.slug).exists():
        raise LessonSlugTakenError(attr="slug")
    if is_new(lesson) and "position" not in values:
        lesson.position = (others.aggregate(last=Max("position"))["last"] or 0) + 1
    try:
        return lesson_save(lesson=lesson, fields=values.keys())
    except IntegrityError as error:
        raise LessonSlugTakenError(attr="slug") from error


def _require_section(section: Section | None) -> None:
    if section is not None and not Section.objects.filter(pk=section.pk).exists():
        raise InvalidInputError(_("There is no such section."), attr="section")


@transaction.atomic
def contents_set(*, course: Course, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
    """The course has these sections, each with these lessons by slug, in this order.

    An empty title holds the lessons outside of any section, and comes last. Sections that are
    not named are gone. Readers see it with the next release.

    Raises:
        CourseNotFoundError: the course is gone.
        InvalidInputError: a lesson is missing, unknown or named twice, or a title is.
    """
    course_lock(course.pk)
    titles = [clean_line(title) for title, _slugs in sections]
    if len(set(titles)) != len(titles) or "" in titles[:-1]:
        raise InvalidInputError(
            _("Each title once; lessons without a section come last."), attr="sections"
        )
    lessons = {lesson.slug: lesson for lesson in Lesson.objects.filter(course=course).defer("body")}
    named = [slug for _title, slugs in sections for slug in slugs]
    if sorted(named) != sorted(lessons):
        raise InvalidInputError(_("Name each lesson of the course once."), attr="sections")
    known = {section.title: section for section in Section.objects.filter(course=course)}
    position = 0
    for place, (title, (_title, slugs)) in enumerate(zip(titles, sections, strict=True), start=1):
        section = _section(course, known.pop(title, None), title, place) if title else None
        for slug in slugs:
            position += 1
            lessons[slug].section, lessons[slug].position = section, position
    Lesson.objects.bulk_update(lessons.values(), ["section", "position"])
    Section.objects.filter(pk__in=[section.pk for section in known.values()]).delete()
    lessons_follow(course_id=course.pk, names=contested_names(course.pk))


def _section(course: Course, section: Section | None, title: str, position: int) -> Section:
    if section is None:
        return Section.objects.create(course=course, title=title, position=position)
    if section.position != position:
        section.position = position
        section.save(update_fields=["position"])
    return section
