"""Files that jobs made."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Artifact(models.Model):
    """A finished file in the files' store, under the SHA-256 of its bytes.

    `inputs_hash` covers what it was made from. Rows of other rooms refer to it by foreign key; an
    artifact to which none does, and a file to which no artifact does, are collected by age.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, db_index=True)
    inputs_hash = models.CharField(_("made from"), max_length=64)
    size = models.PositiveBigIntegerField(_("bytes"))
    content_type = models.CharField(_("type"), max_length=100)
    created_at = models.DateTimeField(_("made"), db_default=Now())

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = (models.Index(fields=["created_at"], name="artifacts_by_age"),)

    def __str__(self) -> str:
        return f"{self.digest[:12]} ({self.content_type})"
