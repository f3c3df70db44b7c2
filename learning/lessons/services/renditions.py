"""Revisions become pages, by jobs."""

from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from learning.enrolments.models import Enrolment
from learning.lessons.models import LessonFigure, LessonRendition, LessonRevision
from learning.lessons.rendering import RENDERER_VERSION, Rendered, render_lesson
from learning.lessons.sources import revision_source
from learning.releases.models import ReleaseLesson
from scheduler.jobs.services import job_submit

RENDITION_KIND: Final = "learning.lesson_rendition"
COURSE_RENDITIONS_KIND: Final = "learning.course_renditions"
_FEW: Final = 20


def revisions_in_use() -> Q:
    """Of revisions those that somebody reads or writes: drafts, newest and pinned releases."""
    newest = ReleaseLesson.objects.filter(release__course__newest_release=F("release_id"))
    pinned = Enrolment.objects.filter(release__isnull=False).values("release_id")
    held = ReleaseLesson.objects.filter(release__in=pinned)
    return (
        Q(lesson__draft_revision=F("pk"))
        | Q(pk__in=newest.values("revision_id"))
        | Q(pk__in=held.values("revision_id"))
    )


def renditions_missing(*, course_id: int | None = None) -> QuerySet[LessonRevision]:
    """The revisions in use, of one course or of all, that have no current rendition."""
    where = Q() if course_id is None else Q(lesson__course_id=course_id)
    current = LessonRendition.objects.filter(renderer_version=RENDERER_VERSION)
    return LessonRevision.objects.filter(revisions_in_use(), where).exclude(
        pk__in=current.values("revision_id")
    )


def renditions_refresh(*, course_id: int | None = None) -> int:
    """Each revision in use without a current rendition has a job; their number."""
    rows = list(renditions_missing(course_id=course_id).values_list("pk", "lesson_id", "title"))
    for revision_id, lesson_id, title in rows:
        job_submit(
            kind=RENDITION_KIND,
            params={"revision_id": revision_id},
            person_id=None,
            subject=f"lesson:{lesson_id}",
            title=title,
            dedup_key=f"{RENDITION_KIND}:{revision_id}:{RENDERER_VERSION}",
            is_consequence=True,
        )
    return len(rows)


def renditions_ask(*, course_id: int) -> int:
    """What is read of the course gets its pages; the number of jobs that see to it.

    A few lessons have a job each. For many there is one that asks for the others: a new title of
    a large course would keep whoever gives it waiting. It joins none under way, which may have
    looked before this change.
    """
    few = renditions_missing(course_id=course_id).values_list("pk", flat=True)[: _FEW + 1]
    if len(few) <= _FEW:
        return renditions_refresh(course_id=course_id)
    job_submit(
        kind=COURSE_RENDITIONS_KIND,
        params={"course_id": course_id},
        person_id=None,
        is_consequence=True,
    )
    return 1


def revision_render(*, revision_id: int) -> bool:
    """The revision has its pages; False when it is gone. Safe to run twice."""
    revision = LessonRevision.objects.select_related("text_of").filter(pk=revision_id).first()
    if revision is None:
        return False
    return rendition_store(
        revision_id=revision_id, rendered=render_lesson(revision_source(revision))
    )


@transaction.atomic
def rendition_store(*, revision_id: int, rendered: Rendered) -> bool:
    """The pages of the revision are stored; False when it is gone."""
    revision = LessonRevision.objects.select_for_update(no_key=True, of=("self",)).only("figures")
    found = revision.filter(pk=revision_id).first()
    if found is None:
        return False
    LessonRendition.objects.update_or_create(
        revision_id=revision_id,
        defaults={
            "renderer_version": RENDERER_VERSION,
            "body_html": rendered.body_html,
            "preview_html": rendered.preview_html,
            "outline": list(rendered.outline),
            "preview_outline": list(rendered.preview_outline),
            "word_count": rendered.word_count,
            "minutes": rendered.minutes,
            "problem_code": rendered.problem_code,
            "problem": rendered.problem,
            "made_at": Now(),
        },
    )
    _show_figures(found, rendered=rendered)
    return True


def _show_figures(revision: LessonRevision, *, rendered: Rendered) -> None:
    LessonFigure.objects.filter(revision=revision).delete()
    LessonFigure.objects.bulk_create(
        LessonFigure(
            revision=revision,
            name=name,
            digest=revision.figures[name][0],
            content_type=revision.figures[name][1],
            in_preview=name in rendered.preview_figure_names,
        )
        for name in sorted(set(rendered.figure_names))
        if name in revision.figures
    )
