"""Lessons, what was made of their text, and their old addresses."""

from typing import Final

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from learning.courses.models import LANGUAGE_TAG, Course, Section, Status

READING_ORDER: Final = (
    F("section__position").asc(nulls_last=True),
    F("section_id").asc(nulls_last=True),
    "position",
    "pk",
)
"""How a course's lessons follow one another, in its draft as in the next release."""


class Tier(models.TextChoices):
    FREE = "free", pgettext_lazy("a lesson", "Free")
    PREMIUM = "premium", _("Premium")


class Lesson(models.Model):
    """One page of a course, in Markdown: the draft that its instructors edit.

    States: draft <-> published; a published one is part of the course's next release, and
    readers see it as it was in theirs. `content_hash` covers everything that readers and documents
    show of it, so equal hashes mean equal documents; `draft_revision` holds just that, and is null
    only where a row was made beside the services. Lessons are ordered
    by (position, id), which is total: equal positions are legal and moving one lesson changes no
    other row. `completion` is what completes it (`learning.progress.rules`); empty: marking it
    done. One that is not `is_required` counts for no percentage.
    """

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="lessons", verbose_name=_("course")
    )
    section = models.ForeignKey(
        Section,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="lessons",
        verbose_name=_("section"),
    )
    slug = models.SlugField(_("address"), max_length=80)
    position = models.PositiveIntegerField(_("position"), default=0)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown."))
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        help_text=_("Empty: the course's."),
        validators=[RegexValidator(rf"^{LANGUAGE_TAG}\Z")],
    )
    access = models.CharField(_("access"), max_length=8, choices=Tier, default=Tier.FREE)
    video_url = models.URLField(
        _("video"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text=_("A link; the reader shows it above the text."),
    )
    is_required = models.BooleanField(_("counts"), default=True)
    completion = models.JSONField(_("what completes it"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    source_name = models.CharField(_("file"), max_length=200, blank=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    draft_revision = models.ForeignKey(
        "learning.LessonRevision",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="draft_of",
        verbose_name=_("the draft's content"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("course", "position", "pk")
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        indexes = (models.Index(fields=["course", "position"], name="lesson_by_course_position"),)
        constraints = (
            models.UniqueConstraint(fields=["course", "slug"], name="lesson_slug_once_per_course"),
            models.CheckConstraint(
                condition=models.Q(status__in=Status.values), name="lesson_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(access__in=Tier.values), name="lesson_access_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(slug=""), name="lesson_has_an_address"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def permalink(self) -> str:
        return f"{self.course.slug}/{self.slug}"

    @property
    def effective_language(self) -> str:
        return self.language or self.course.language

    @property
    def is_draft(self) -> bool:
        return Status.DRAFT in {self.status, self.course.status}


class LessonRevision(models.Model):
    """A lesson's content as it stood once. Immutable; equal hashes are one row.

    Holds everything that `content_hash` covers: `figures` maps names to
    `[digest, content type, width, height]` (CSS pixels or null), `links` names to paths. One that
    is neither a lesson's draft nor part of a release is let go by age.

    Where only the course changed, the text stays with the revision that had it first (`text_of`)
    and goes into the hash by its digest, so that no text is read or written. `text_digest` is null
    in rows from before there were digests: their hash is made of the text itself, and stays.
    """

    lesson = models.ForeignKey(
        Lesson, models.CASCADE, related_name="revisions", verbose_name=_("lesson")
    )
    content_hash = models.CharField(_("content"), max_length=64)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    body = models.TextField(_("text"), blank=True)
    text_digest = models.CharField(max_length=64, null=True, editable=False)
    text_of = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, editable=False, related_name="+"
    )
    language = models.CharField(_("language"), max_length=35)
    access = models.CharField(_("access"), max_length=8, choices=Tier)
    video_url = models.URLField(_("video"), max_length=500, blank=True)
    course_slug = models.SlugField(max_length=80)
    course_title = models.CharField(max_length=200)
    author = models.CharField(max_length=150, blank=True)
    figures = models.JSONField(default=dict)
    links = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("revision of a lesson")
        verbose_name_plural = _("revisions of lessons")
        constraints = (
            models.UniqueConstraint(
                fields=["lesson", "content_hash"], name="content_once_per_lesson"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.content_hash[:8]})"

    @property
    def text(self) -> str:
        """What the lesson says, wherever that is kept: a query more unless `text_of` is loaded."""
        return self.text_of.body if self.text_of else self.body


class LessonAddress(models.Model):
    """A slug under a course that a lesson had before; it keeps leading to it."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=80)
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="old_addresses")

    class Meta:
        verbose_name = _("old address of a lesson")
        verbose_name_plural = _("old addresses of lessons")
        constraints = (
            models.UniqueConstraint(
                fields=["course", "slug"], name="old_lesson_slug_once_per_course"
            ),
        )

    def __str__(self) -> str:
        return self.slug


class LessonRendition(models.Model):
    """The HTML that was made of a revision.

    Current while `renderer_version` is the renderer's. With a `problem_code` the text could not
    be used: the HTML is empty and `problem` says why. `preview_*` is what a reader without access
    gets. The outlines are lists of `{"level", "text", "anchor"}`.
    """

    revision = models.OneToOneField(
        LessonRevision, models.CASCADE, primary_key=True, related_name="rendition"
    )
    renderer_version = models.PositiveIntegerField()
    body_html = models.TextField(blank=True)
    preview_html = models.TextField(blank=True)
    outline = models.JSONField(default=list)
    preview_outline = models.JSONField(default=list)
    word_count = models.PositiveIntegerField(default=0)
    minutes = models.PositiveIntegerField(default=0)
    problem_code = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("rendition of a lesson")
        verbose_name_plural = _("renditions of lessons")

    def __str__(self) -> str:
        return str(self.revision_id)


class LessonFigure(models.Model):
    """A figure that a revision's rendition shows, as it was then.

    `digest` names its bytes in the media store; `in_preview`: also to those without access.
    """

    revision = models.ForeignKey(LessonRevision, models.CASCADE, related_name="shown_figures")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, db_index=True)
    content_type = models.CharField(max_length=40)
    in_preview = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("figure of a lesson")
        verbose_name_plural = _("figures of lessons")
        constraints = (
            models.UniqueConstraint(fields=["revision", "name"], name="figure_once_per_revision"),
        )

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.name}"
