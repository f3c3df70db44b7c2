"""What courses do when something below them changes."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from academy.accounts.models import User
from learning.courses.services.courses import owner_renamed

_NAMING_FIELDS = frozenset({"display_name", "username"})


@receiver(post_save, sender=User, dispatch_uid="learning.owner_renamed")
def after_person_saved(
    *, instance: User, created: bool, update_fields: Collection[str] | None, **_kwargs: Any
) -> None:
    """Authors stand in documents under their present name."""
    named = update_fields is None or _NAMING_FIELDS & set(update_fields)
    if named and not created:
        owner_renamed(person_id=instance.pk)
