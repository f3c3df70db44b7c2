"""Path converters: what cannot be an id of ours is an unknown address, so 404."""

from django.urls import register_converter

_LARGEST = 2**63 - 1


class IdConverter:
    """A whole number that a primary key can be."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """The number; ValueError, which Django takes for "no such address", when too large."""
        number = int(value)
        if number > _LARGEST:
            raise ValueError(value)
        return number

    def to_url(self, value: int) -> str:
        """The number as it stands in an address."""
        return str(value)


def register_converters() -> None:
    """`<id:name>` may be used in routes."""
    register_converter(IdConverter, "id")
