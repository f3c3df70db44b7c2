"""The topic of one's own page: `desk:<person id>`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Sum

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
    people = User.objects.filter(pk__in=_numbers(keys)).order_by()
    rows = people.values_list("pk", *news_of("pk").values())
    return {str(pk): desk_seq(moments) for pk, *moments in rows}


def desk_frames(keys: Sequence[str]) -> Mapping[str, Frame]:
    """What tells that a page is out of date, never what it shows: two queries.

    A course that was lost or taken back moves no moment, so the courses are counted as well.
    """
    seqs = desk_versions(keys)
    seats = Enrolment.objects.filter(
        open_now(), person_id__in=_numbers(keys), course__status=Status.PUBLISHED
    ).order_by()
    counted = seats.values("person_id").annotate(courses=Count("pk"), told=Sum("progress__seq"))
    known = {str(row["person_id"]): row for row in counted}
    nothing = {"courses": 0, "told": 0}
    return {key: Frame(seq=seq, data=known.get(key, nothing)) for key, seq in seqs.items()}


def _numbers(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys if key.isascii() and key.isdigit()]


register_loader("desk", desk_frames, versions=desk_versions)
