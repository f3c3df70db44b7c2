"""Files of one's own data."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exports.artifacts.models import Artifact


class PersonPortrait(models.Model):
    """Everything that the academy knows of a person, as a file for that person alone.

    Gone when it is older than `PORTRAIT_KEEP_SECONDS`, with the next one, and with the account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    artifact = models.ForeignKey(
        Artifact, models.PROTECT, related_name="portraits", verbose_name=_("file")
    )
    generated_at = models.DateTimeField(_("made"), db_default=Now())

    class Meta:
        verbose_name = _("file of one's own data")
        verbose_name_plural = _("files of one's own data")
        indexes = (models.Index(fields=["generated_at"], name="portraits_by_age"),)

    def __str__(self) -> str:
        return str(self.person)
