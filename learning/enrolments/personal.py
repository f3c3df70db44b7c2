"""What enrolments hold of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from academy.accounts.models import User
from academy.accounts.portrait import register_section
from academy.accounts.selectors import proven_addresses
from learning.enrolments.models import (
    DripOverride,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.enrolments.shown import course_read, is_known
from learning.releases.models import ReleaseLesson

_ROWS_AT_ONCE = 500


def enrolments_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = Enrolment.objects.filter(person_id=person_id)
    for row in rows.select_related("course__newest_release", "cohort", "release").order_by("pk"):
        # A draft tells nobody what it is called, and is in the list all the same.
        known = is_known(row.course)
        yield {
            "course": row.course.slug if known else None,
            "title": course_read(row).title if known else None,
            "status": row.status,
            "how": row.source,
            "cohort": row.cohort.name if row.cohort else None,
            "release": row.release.number if row.release else None,
            "started_at": row.started_at,
            "ends_at": row.expires_at,
        }


def exceptions_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Those of the person alone: a cohort's are of all who are in it."""
    rows = DripOverride.objects.filter(enrolment__person_id=person_id).order_by("pk")
    released = Exists(ReleaseLesson.objects.filter(lesson_id=OuterRef("lesson_id")))
    shown = rows.select_related("lesson__course").annotate(is_released=released)
    for row in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        known = is_known(row.lesson.course)
        yield {
            "course": row.lesson.course.slug if known else None,
            "lesson": row.lesson.slug if known and row.is_released else None,
            "opens_at": row.opens_at,
            "at_once": not row.opens_at,
        }


def keys_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Without the words themselves: they are credentials."""
    rows = EnrolmentKey.objects.filter(created_by_id=person_id).select_related("course", "cohort")
    shown = rows.order_by("pk").only(
        "course__slug", "cohort__name", "max_uses", "uses", "expires_at", "revoked_at", "created_at"
    )
    for row in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {
            "course": row.course.slug,
            "cohort": row.cohort.name if row.cohort else None,
            "most_uses": row.max_uses,
            "uses": row.uses,
            "made_at": row.created_at,
            "good_until": row.expires_at,
            "revoked_at": row.revoked_at,
        }


def lists_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Without their lines: those are about others."""
    rows = EnrolmentList.objects.filter(sent_by_id=person_id).order_by("sent_at", "pk")
    shown = rows.values_list("course__slug", "line_count", "sent_at", "done_at")
    for course, lines, sent_at, done_at in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {"course": course, "lines": lines, "sent_at": sent_at, "done_at": done_at}


def lines_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Lines that enrolled the person, or name them and enrolled nobody."""
    user_names = User.objects.filter(pk=person_id).values_list("username", flat=True)
    named = Q()
    for name in {*user_names, *proven_addresses(person_id)}:
        named |= Q(who__iexact=name)
    theirs = Q(enrolment__person_id=person_id) | (Q(enrolment=None) & named)
    rows = EnrolmentListLine.objects.filter(theirs).select_related("list__course").order_by("pk")
    for row in rows.iterator(chunk_size=_ROWS_AT_ONCE):
        known = is_known(row.list.course)
        yield {
            "course": row.list.course.slug if known else None,
            "sent_at": row.list.sent_at,
            "who": row.who,
            "cohort": row.cohort_name,
            "ends": row.expires,
            "outcome": row.outcome,
            "why": row.code,
        }


register_section("enrolments", enrolments_of, title=_("Your courses"))
register_section("exceptions", exceptions_of, title=_("Lessons that open at another time for you"))
register_section("keys", keys_of, title=_("Enrolment keys that you made"))
register_section("lists", lists_of, title=_("Lists of people that you sent"))
register_section("list-lines", lines_of, title=_("Lines of lists that name you"))
