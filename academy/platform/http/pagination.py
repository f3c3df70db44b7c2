"""Pages of lists."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

_DIGITS_LIMIT = 9


class Pages(PageNumberPagination):
    """`page` from 1, `page_size` from 1, 20 without one and at most 100; other values are a 400.

    A page number beyond the last page is a 404.
    """

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_number(self, request: Request, paginator: Any) -> int | str:
        """The page that was asked for; 400 when that is no number from 1."""
        text = request.query_params.get(self.page_query_param) or "1"
        if not _counts_from_1(text):
            raise ValidationError({self.page_query_param: _("A page number counts from 1.")})
        if len(text) > _DIGITS_LIMIT:
            raise NotFound(_("There is no such page."))
        return int(text)

    def get_page_size(self, request: Request) -> int | None:
        """At most `max_page_size`; 400 when what was asked for is no number from 1."""
        text = request.query_params.get("page_size") or str(self.page_size)
        if not _counts_from_1(text):
            raise ValidationError({"page_size": _("A page has 1 to 100 rows.")})
        return (
            self.max_page_size if len(text) > _DIGITS_LIMIT else min(int(text), self.max_page_size)
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What OpenAPI 3.1 says of a page: it has no `nullable`, the last page has no next."""
        described = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            described["properties"][name] = {"type": ["string", "null"], "format": "uri"}
        return described


def _counts_from_1(text: str) -> bool:
    return text.isascii() and text.isdigit() and bool(text.strip("0"))


def ordering_of(
    params: Mapping[str, str], *, allowed: Mapping[str, str], default: str
) -> tuple[str, ...]:
    """The `order_by` arguments that `?ordering=` names, those of `default` where it names none.

    `allowed` maps public names to field paths; the primary key is always the last tie-break.

    Raises:
        ValidationError: it names what is not allowed, or more names than there are.
    """
    wanted = [name.strip() for name in params.get("ordering", "").split(",", len(allowed))]
    names = [name for name in wanted if name]
    if any(name.removeprefix("-") not in allowed for name in names):
        known = ", ".join(allowed)
        raise ValidationError({"ordering": _("The order is of: %(known)s.") % {"known": known}})
    fields = [
        ("-" if name.startswith("-") else "") + allowed[name.removeprefix("-")] for name in names
    ] or [default]
    return (*fields, "-pk" if fields[0].startswith("-") else "pk")
