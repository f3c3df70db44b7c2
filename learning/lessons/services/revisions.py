"""What lessons say at one moment, kept for good."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Now, NullIf

from academy.platform.documents.markdown import Figure
from learning.courses.models import Course
from learning.lessons.holding import held
from learning.lessons.models import Lesson, LessonRevision
from learning.lessons.rendering import LessonSource, digest_of
from learning.lessons.sources import CourseContext, lesson_source, revision_facts
from learning.releases.models import ReleaseLesson

KEPT_TEXT: Final = Coalesce("draft_revision__text_of__body", "draft_revision__body")
"""What the draft of a lesson says, wherever that is kept."""

_OF_DRAFTS: Final = ("lesson_id", "text_of_id", "text_digest", "figures", "links")
_FOLLOWED: Final = (
    "title", "summary", "language", "access", "video_url", "content_hash", "draft_revision_id",
    *(f"draft_revision__{name}" for name in _OF_DRAFTS),
)  # fmt: skip


def revisions_ensure(
    *, lessons: Sequence[Lesson], context: CourseContext
) -> dict[int, LessonRevision]:
    """The present content of each lesson is a revision; by lesson id, without their texts.

    At most four queries, however many lessons. Idempotent, also when two do it at once.
    """
    sources = {lesson.pk: lesson_source(lesson, context) for lesson in lessons}
    return _ensured(sources, holders={})


def revisions_follow(
    *, lessons: QuerySet[Lesson], context: CourseContext, named: Mapping[int, Collection[str]]
) -> tuple[list[Lesson], dict[int, LessonRevision]]:
    """As `revisions_ensure`, where texts stayed: the lessons without them, and their revisions.

    `named` are names, by lesson, that a text means and that were not there, or meant something
    else, when its draft was kept. What this costs depends on how many lessons there are, not on
    how much they say: the database compares the texts, and writes none. Read are those alone that
    were kept before texts had digests, or written past the services.
    """
    same_text = lessons.alias(kept_text=KEPT_TEXT).filter(kept_text=F("body"))
    kept: list[Lesson] = list(same_text.select_related("draft_revision").only(*_FOLLOWED))
    sources = _sources_again(kept, context, named)
    drafts = [lesson.draft_revision for lesson in kept if lesson.draft_revision]
    holders = {draft.lesson_id: draft.text_of_id or draft.pk for draft in drafts}
    revisions = _ensured(sources, holders=holders)
    others = set(lessons.values_list("pk", flat=True)) - sources.keys()
    if not others:
        return kept, revisions
    unkept = list(lessons.filter(pk__in=others))
    return [*kept, *unkept], revisions | revisions_ensure(lessons=unkept, context=context)


def _sources_again(
    kept: Sequence[Lesson], context: CourseContext, named: Mapping[int, Collection[str]]
) -> dict[int, LessonSource]:
    """The lessons' sources without texts, by what their drafts know of them."""
    drafts = {lesson.pk: lesson.draft_revision for lesson in kept if lesson.draft_revision}
    digests = _digests(drafts)
    return {
        lesson.pk: context.source_again(
            title=lesson.title,
            text_digest=digests[lesson.pk],
            names={*draft.figures, *draft.links, *named.get(lesson.pk, ())},
            language=lesson.language,
            summary=lesson.summary,
            access=lesson.access,
            video_url=lesson.video_url,
        )
        for lesson in kept
        if (draft := drafts.get(lesson.pk))
    }


def _digests(drafts: Mapping[int, LessonRevision]) -> dict[int, str]:
    digests = {pk: draft.text_digest for pk, draft in drafts.items() if draft.text_digest}
    former = [draft.pk for draft in drafts.values() if not draft.text_digest]
    if former:
        rows = LessonRevision.objects.order_by().filter(pk__in=former)
        texts = rows.values_list("lesson_id", "body").iterator(chunk_size=1)
        digests |= {pk: digest_of(body) for pk, body in texts}
    return digests


def _ensured(
    sources: Mapping[int, LessonSource], *, holders: Mapping[int, int]
) -> dict[int, LessonRevision]:
    """`holders`: the revisions that have the texts of the sources that are without."""
    hashes = {pk: source.content_hash for pk, source in sources.items()}
    standing = _standing(hashes)
    if len(standing) < len(sources):
        standing |= _standing_since_before(
            {pk: source for pk, source in sources.items() if pk not in standing}
        )
    missing = [pk for pk in sources if pk not in standing]
    if missing:
        LessonRevision.objects.bulk_create(
            [
                LessonRevision(
                    lesson_id=pk,
                    content_hash=hashes[pk],
                    text_of_id=holders.get(pk),
                    **revision_values(sources[pk]),
                )
                for pk in missing
            ],
            ignore_conflicts=True,
        )
        # Those of another transaction have ids that the insert does not tell.
        standing |= _standing({pk: hashes[pk] for pk in missing})
    return standing


def _standing(hashes: Mapping[int, str]) -> dict[int, LessonRevision]:
    rows = LessonRevision.objects.order_by().filter(
        lesson_id__in=hashes, content_hash__in=set(hashes.values())
    )
    found = rows.only("lesson_id", "content_hash")
    return {row.lesson_id: row for row in found if hashes[row.lesson_id] == row.content_hash}


def _standing_since_before(sources: Mapping[int, LessonSource]) -> dict[int, LessonRevision]:
    """Those with a hash from before there were digests that have the same content."""
    rows = LessonRevision.objects.order_by().filter(
        lesson_id__in=sources, text_digest=None, body=F("lesson__body")
    )
    return {row.lesson_id: row for row in rows.defer("body") if _says(row, sources[row.lesson_id])}


def _says(revision: LessonRevision, source: LessonSource) -> bool:
    """Whether a revision of the same text has this content."""
    facts = revision_facts(revision, text_digest=source.text_digest)
    return facts.content_hash == source.content_hash


def drafts_standing(*, course: Course, context: CourseContext) -> dict[int, int]:
    """The revision of each lesson whose present content is its draft's; both by id.

    The database compares the texts, and none of them is read here: one query. Nothing tells that
    a text means a figure or a lesson that came past the services.
    """
    kept = Lesson.objects.alias(kept_text=KEPT_TEXT).filter(
        course=course,
        draft_revision__title=F("title"),
        draft_revision__summary=F("summary"),
        kept_text=F("body"),
        draft_revision__access=F("access"),
        draft_revision__video_url=F("video_url"),
        draft_revision__course_slug=context.slug,
        draft_revision__course_title=context.title,
        draft_revision__author=context.author,
        draft_revision__language=Coalesce(NullIf("language", Value("")), Value(context.language)),
    )
    rows = kept.order_by().values_list(
        "pk", "draft_revision_id", "draft_revision__figures", "draft_revision__links"
    )
    known = {name: stored_figure(figure) for name, figure in context.figures.items()}
    return {
        pk: revision_id
        for pk, revision_id, figures, links in rows
        if links.items() <= context.links.items()
        and all(known.get(name) == figure for name, figure in figures.items())
    }


def stored_figure(figure: Figure) -> list[Any]:
    """The figure as a revision has it."""
    return [figure.digest, figure.content_type, figure.width_px, figure.height_px]


def revision_values(source: LessonSource) -> dict[str, Any]:
    """The columns of a revision with this content."""
    return {
        "title": source.title,
        "summary": source.summary,
        "body": source.body,
        "text_digest": source.text_digest,
        "language": source.language,
        "access": source.access,
        "video_url": source.video_url,
        "course_slug": source.course_slug,
        "course_title": source.course_title,
        "author": source.author,
        "figures": {name: stored_figure(figure) for name, figure in source.figures.items()},
        "links": dict(source.links),
    }


def revisions_held(*, lessons: QuerySet[Lesson]) -> None:
    """Until the transaction ends nobody stores pages of these lessons' revisions.

    Whoever deletes lessons holds them before it looks at what belongs to them: pages that came in
    between would stay without a revision, and the database refuse the whole.
    """
    held = LessonRevision.objects.select_for_update(of=("self",)).filter(lesson__in=lessons)
    list(held.order_by("pk").values_list("pk", flat=True))


def revisions_collect(*, older_than_seconds: float) -> int:
    """Revisions this old that are neither a draft nor part of a release are gone; their number.

    One whose text is another's as well stays as long as that one does, and so does one that
    something above was made from.
    """
    horizon = Now() - timedelta(seconds=older_than_seconds)
    abandoned = (
        LessonRevision.objects.filter(created_at__lt=horizon)
        .exclude(lesson__draft_revision=F("pk"))
        .exclude(pk__in=ReleaseLesson.objects.values("revision_id"))
        .exclude(pk__in=LessonRevision.objects.exclude(text_of=None).values("text_of"))
    )
    for revision_ids in held():
        abandoned = abandoned.exclude(pk__in=revision_ids)
    ids = list(abandoned.values_list("pk", flat=True))
    with transaction.atomic():
        # Looked at again: one may have become a draft meanwhile, or have its pages stored now.
        rows = LessonRevision.objects.select_for_update(of=("self",)).filter(pk__in=ids)
        list(rows.order_by("pk").values_list("pk", flat=True))
        return abandoned.filter(pk__in=ids).delete()[1].get("learning.LessonRevision", 0)
