"""What somebody sends in the place of a row's key."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model


def can_be_key(model: type[Model], text: str) -> bool:
    """True where the database can be asked for the row of that key, whether there is one or not."""
    field: Any = model._meta.pk  # noqa: SLF001 - Django's own name for it
    while field.remote_field:
        field = field.target_field
    try:
        field.run_validators(field.to_python(text))
    except ValidationError:
        return False
    # PostgreSQL has no text with a NUL in it.
    return "\x00" not in text


class KeySelect(AutocompleteSelect):
    """Where no row can have the key that was sent, none is chosen; Django's asks for it, and fails."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The options to choose from: the row that is chosen, if any."""
        model = self.field.remote_field.model
        keys = [key for key in value if key and can_be_key(model, str(key))]
        return super().optgroups(name, keys, attr)
