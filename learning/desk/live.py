"""The topic of one's own page: `desk:<person id>`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from academy.accounts.models import User
from academy.platform.realtime.hub import Frame, register_loader
from learning.courses.models import Status
from learning.enrolments.dates import open_now
from learning.enrolments.models import Enrolment
from learning.progress.selectors import news_of


def desk_version(person_id: int) -> int:
    """The `seq` of the person's page: one query."""
    key = str(person_id)
    return desk_versions([key]).get(key, 0)


def desk_seq(moments: Iterable[datetime | None]) -> int:
    """The newest of the moments in microseconds since 1970; 0 without one."""
    return max((int(at.timestamp() * 1_000_000) for at in moments if at), default=0)


def desk_versions(keys: Sequence[str]) -> Mapping[str, int]:
    """When something was last told or asked for on each page: one query.

    How a job goes on is told by the job's own topic.
    """
    rows = _people(keys).values_list("pk", *news_of("pk").values())
    return {str(pk): desk_seq(moments) for pk, *moments in rows}


def desk_frames(keys: Sequence[str]) -> Mapping[str, Frame]:
    """What tells that a page is out of date, never what it shows: one query.

    A course that was lost or taken back moves no moment, so the courses are counted as well: in
    the same statement, or what is written in between is told twice.
    """
    seats = Enrolment.objects.filter(
        open_now(), person_id=OuterRef("pk"), course__status=Status.PUBLISHED
    ).order_by()
    held = seats.values("person_id")
    counted = {
        "courses": Subquery(held.annotate(n=Count("pk")).values("n")),
        "told": Subquery(held.annotate(n=Sum("progress__seq")).values("n")),
    }
    moments = news_of("pk")
    rows = _people(keys).annotate(**moments, **counted).values("pk", *moments, *counted)
    return {
        str(row["pk"]): Frame(
            seq=desk_seq(row[name] for name in moments),
            data={name: row[name] or 0 for name in counted},
        )
        for row in rows
    }


def _people(keys: Sequence[str]) -> QuerySet[User]:
    return User.objects.filter(pk__in=_numbers(keys)).order_by()


def _numbers(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys if key.isascii() and key.isdigit()]


register_loader("desk", desk_frames, versions=desk_versions)
