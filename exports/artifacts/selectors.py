"""Reading artifacts."""

from datetime import timedelta
from typing import cast

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now

from academy.platform.storage.store import Store
from exports.artifacts.models import Artifact


def artifact_store() -> Store:
    """Where the bytes of artifacts are."""
    return Store(settings.FILES_DIR)


def artifacts_unreferenced(*, older_than_seconds: float) -> QuerySet[Artifact]:
    """Artifacts this old to which no row of any model refers."""
    referring = Q()
    # Whatever room refers to artifacts is found here without being known here.
    for relation in Artifact._meta.related_objects:  # noqa: SLF001 - Django's documented _meta API
        model = cast(type[Model], relation.related_model)
        rows = model._base_manager.filter(  # noqa: SLF001 - as above
            **{f"{relation.field.name}__isnull": False}
        )
        referring |= Q(pk__in=rows.values(relation.field.attname))
    old = Artifact.objects.filter(created_at__lt=Now() - timedelta(seconds=older_than_seconds))
    return old.exclude(referring) if referring else old
