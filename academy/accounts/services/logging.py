"""What operators did, as the admin's log keeps it: without the names of people who left."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from academy.accounts.models import User


def log_forget(person: User) -> None:
    """Entries about the person, and about rows that refer to them, call them what they are now."""
    kinds = LogEntry.objects.order_by().values_list("content_type_id", flat=True).distinct()
    for kind in ContentType.objects.filter(pk__in=list(kinds)):
        model: Any = kind.model_class()
        for name in _references(model) if model else ():
            keys = model.objects.filter(**{name: person.pk}).order_by().values_list("pk", flat=True)
            entries = LogEntry.objects.filter(content_type=kind, object_id__in=map(str, keys))
            entries.update(object_repr=str(person))


def _references(model: Any) -> list[str]:
    """The model's fields that name a person; of a person, the key."""
    if model is User:
        return ["pk"]
    fields = model._meta.get_fields()  # noqa: SLF001 - Django's own name for it
    return [field.name for field in fields if field.concrete and field.related_model is User]
