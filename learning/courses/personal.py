"""What courses hold of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.accounts.portrait import register_section
from learning.courses.models import Course, CourseGrant, CourseStaff, StaffRole

_ROWS_AT_ONCE = 500


def courses_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = Course.objects.filter(owner_id=person_id).select_related("cover").order_by("pk")
    shown = rows.only("slug", "title", "status", "created_at", "updated_at", "cover__name")
    for row in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {
            "course": row.slug,
            "title": row.title,
            "status": row.status,
            "cover": row.cover.name if row.cover else None,
            "created_at": row.created_at,
            "changed_at": row.updated_at,
        }


def posts_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Without who gave them: that is the other's."""
    rows = CourseStaff.objects.filter(person_id=person_id).select_related("course").order_by("pk")
    shown = rows.only("role", "added_at", "course__slug", "course__title")
    for row in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {
            "course": row.course.slug,
            "title": row.course.title,
            "role": row.role,
            "what": str(StaffRole(row.role).label),
            "since": row.added_at,
        }


def grants_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Without titles: a draft's is not for everybody to whom the course is open, nor its address."""
    rows = CourseGrant.objects.filter(person_id=person_id).select_related("course").order_by("pk")
    shown = rows.only("at", "course__slug", "course__status", "course__newest_release_id")
    for row in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        known = not row.course.is_draft or row.course.newest_release_id is not None
        yield {"course": row.course.slug if known else None, "since": row.at}


register_section("courses", courses_of, title=_("Courses that you own"))
register_section("posts", posts_of, title=_("Courses that you teach or assist in"))
register_section("grants", grants_of, title=_("Courses whose paid lessons were opened to you"))
