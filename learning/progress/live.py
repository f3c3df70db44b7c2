"""The topics of open pages: `progress:<enrolment id>` and `class:<course id>`."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Max
from django.db.models.functions import Coalesce, Greatest
from django.utils import translation

from academy.accounts.languages import spoken
from academy.platform.realtime.hub import Frame, register_loader
from learning.enrolments.models import Enrolment
from learning.progress.models import CourseProgress
from learning.progress.selectors import learner_documents, progress_documents
from learning.progress.selectors.classes import learners_of

NEWEST_LEARNERS: Final = 50
"""So many learners stand in one frame of a class; a page that missed more reads its list again."""


def progress_frames(keys: Sequence[str]) -> Mapping[str, Frame]:
    """Each learner's document, in the language that they chose."""
    languages: dict[str, list[int]] = {}
    people = Enrolment.objects.filter(pk__in=_numbers(keys))
    for pk, language in people.values_list("pk", "person__language").order_by():
        languages.setdefault(spoken(language), []).append(pk)
    frames = {}
    for language, enrolment_ids in languages.items():
        with translation.override(language):
            for pk, document in progress_documents(enrolment_ids).items():
                frames[str(pk)] = Frame(seq=document["seq"], data=document)
    return frames


def progress_versions(keys: Sequence[str]) -> Mapping[str, int]:
    """The `seq` of each learner: one query."""
    rows = CourseProgress.objects.filter(pk__in=_numbers(keys)).order_by()
    return {str(pk): seq for pk, seq in rows.values_list("pk", "seq")}


def class_frames(keys: Sequence[str]) -> Mapping[str, Frame]:
    """The learners of each course who changed last, or whose progress did.

    `seq` is the moment of the newest change, in microseconds since 1970.
    """
    return {
        str(course_id): Frame(
            seq=seq, data={"course_id": course_id, "learners": _newest(course_id)}
        )
        for course_id, seq in _moments(keys).items()
    }


def class_versions(keys: Sequence[str]) -> Mapping[str, int]:
    """The `seq` of each class: one query."""
    return {str(course_id): seq for course_id, seq in _moments(keys).items()}


def _newest(course_id: int) -> list[object]:
    rows = learners_of(course_id).annotate(moment=_changed())
    newest = rows.order_by("-moment", "-pk")[:NEWEST_LEARNERS]
    return list(learner_documents(list(newest)))


def _changed() -> Greatest:
    return Greatest("changed_at", Coalesce("progress__changed_at", "changed_at"))


def _moments(keys: Sequence[str]) -> dict[int, int]:
    # A class without learners has a frame as well.
    moments = dict.fromkeys(_numbers(keys), 0)
    rows = Enrolment.objects.filter(course_id__in=moments).order_by()
    newest = rows.values("course_id").annotate(newest=Max(_changed()))
    for course_id, moment in newest.values_list("course_id", "newest"):
        moments[course_id] = int(moment.timestamp() * 1_000_000)
    return moments


def _numbers(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys if key.isascii() and key.isdigit()]


register_loader("progress", progress_frames, versions=progress_versions)
register_loader("class", class_frames, versions=class_versions)
