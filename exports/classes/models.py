"""Classes as files."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exports.artifacts.models import Artifact
from learning.courses.models import Course


class ClassExport(models.Model):
    """The learners of a course as a file; the id is what its download address carries.

    Fresh while `inputs_hash` is that of the class and it is a few minutes old at most. It holds
    names and addresses of people, so it is gone when it is older than a document may be.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(
        Course, models.CASCADE, related_name="class_exports", verbose_name=_("course")
    )
    format = models.CharField(_("format"), max_length=16)
    artifact = models.ForeignKey(
        Artifact, models.PROTECT, related_name="class_exports", verbose_name=_("file")
    )
    inputs_hash = models.CharField(_("made from"), max_length=64)
    row_count = models.PositiveIntegerField(_("learners"))
    generated_at = models.DateTimeField(_("made"), db_default=Now())

    class Meta:
        ordering = ("-generated_at",)
        verbose_name = _("file of a class")
        verbose_name_plural = _("files of classes")
        indexes = (
            models.Index(fields=["course", "-generated_at"], name="class_exports_by_course"),
        )

    def __str__(self) -> str:
        return f"{self.course} ({self.format})"
