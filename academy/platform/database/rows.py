"""Rows that were read before they were held."""

from collections.abc import Collection

from django.db.models import Model


def rest_taken(row: Model, *, present: Model, but: Collection[str]) -> None:
    """The row has all fields as `present` has them, except those that `but` names.

    What somebody else wrote since `row` was read is in it then, whatever its reader wants to write.
    """
    for field in present._meta.concrete_fields:  # noqa: SLF001 - Django's documented _meta API
        if field.name not in but:
            setattr(row, field.attname, getattr(present, field.attname))


def is_new(row: Model) -> bool:
    """Whether the row was never stored."""
    return row._state.adding  # noqa: SLF001 - Django has no public name
