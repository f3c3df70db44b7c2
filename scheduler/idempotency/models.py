from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """One key of one scope, what it was used for, and what was answered.

    States: in flight (`status_code` is null, until `lease_until`) -> answered -> expired.
    A lease that ran out before an answer may be taken over: `owner` says by whom, and only the
    owner may answer. A refusal deletes the row.
    """

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    owner = models.UUIDField()
    status_code = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager["IdempotencyKey"]] = models.Manager()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = (
            models.UniqueConstraint(fields=["scope", "key"], name="one_use_per_key_and_scope"),
        )

    def __str__(self) -> str:
        return f"{self.scope}: {self.key}"
