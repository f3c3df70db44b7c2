"""Lessons as documents."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exports.artifacts.models import Artifact
from learning.lessons.models import Lesson, LessonRevision


class LessonExport(models.Model):
    """A revision of a lesson in one format; the id is what its download address carries.

        current (`replaced_at` is null) <-> replaced -> gone, after the TTL and the grace time

    At most one is current for a lesson and format, drafts by themselves (`is_draft`: it is marked
    as one on every page). It is fresh while `inputs_hash` is that of what somebody reads and it is
    younger than the TTL by the database's clock, unless an operator asked to
    have it made anew (`renewal_asked_at`); otherwise it serves as a stale copy until its
    successor stands. A replaced one serves links handed out before, and is current again when it
    is asked for by somebody who reads what it was made from.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lesson = models.ForeignKey(
        Lesson, models.CASCADE, related_name="exports", verbose_name=_("lesson")
    )
    revision = models.ForeignKey(
        LessonRevision, models.CASCADE, related_name="exports", verbose_name=_("revision")
    )
    is_draft = models.BooleanField(_("draft"), default=False)
    format = models.CharField(_("format"), max_length=16)
    artifact = models.ForeignKey(
        Artifact, models.PROTECT, related_name="lesson_exports", verbose_name=_("file")
    )
    inputs_hash = models.CharField(_("made from"), max_length=64)
    page_count = models.PositiveIntegerField(_("pages"), null=True)
    generated_at = models.DateTimeField(_("made"), db_default=Now())
    replaced_at = models.DateTimeField(_("replaced"), null=True)
    renewal_asked_at = models.DateTimeField(_("asked to be made anew"), null=True)

    class Meta:
        verbose_name = _("document of a lesson")
        verbose_name_plural = _("documents of lessons")
        constraints = (
            models.UniqueConstraint(
                fields=["lesson", "format", "is_draft"],
                name="one_current_export_per_format",
                condition=models.Q(replaced_at=None),
            ),
        )
        indexes = (
            models.Index(
                fields=["replaced_at"],
                name="exports_replaced",
                condition=models.Q(replaced_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.lesson} ({self.format})"


class FigurePicture(models.Model):
    """The PNG that was drawn once of an SVG figure, for documents of every format.

    `source_digest` is the figure's in the media store, `digest` the PNG's in the files' store;
    `recipe` names what drew it.
    """

    source_digest = models.CharField(max_length=64)
    recipe = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("picture of a figure")
        verbose_name_plural = _("pictures of figures")
        constraints = (
            models.UniqueConstraint(
                fields=["source_digest", "recipe"], name="one_picture_per_figure_and_recipe"
            ),
        )

    def __str__(self) -> str:
        return self.source_digest[:12]
