"""What lists and single things of the API have in common.

A view says which rows its caller may see and how one is shown; related rows, filters, orderings,
pages and conditional answers (RFC 9110, section 13) come from here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar, cast

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from academy.platform.errors import InvalidInputError, PreconditionFailedError
from academy.platform.http.pagination import ordering_of
from academy.platform.http.schema import RefusalOutput

_Row = TypeVar("_Row", bound=Model)

UNCHANGED: Mapping[int, OpenApiResponse] = {
    304: OpenApiResponse(description="Unchanged since the answer with this ETag."),
    412: OpenApiResponse(RefusalOutput, "Not what `If-Match` names."),
}
"""What `extend_schema` says of a conditional answer."""


class _YesOrNoField(forms.NullBooleanField):
    # The usual widget turns what it does not know into no answer.
    widget = forms.TextInput

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        if said is None and value not in self.empty_values:
            raise ValidationError(_("This is true or false."), code="invalid")
        return said


def ordering_parameter(orderings: Mapping[str, str]) -> OpenApiParameter:
    """What `extend_schema` says of `?ordering=`."""
    names = [*orderings, *(f"-{name}" for name in orderings)]
    return OpenApiParameter("ordering", str, enum=names)


def flag_parameter(name: str, description: str) -> OpenApiParameter:
    """What `extend_schema` says of a flag that `flag_in` reads."""
    return OpenApiParameter(name, bool, description=description)


def flag_in(request: Request, name: str) -> bool:
    """Whether `?name=` is set; `true`, `false`, `1` and `0` are known, and nothing is no.

    Raises:
        InvalidInputError: it is anything else.
    """
    try:
        said = _YesOrNoField(required=False).clean(request.query_params.get(name))
    except ValidationError as error:
        raise InvalidInputError(error.messages[0], attr=name) from error
    return bool(said)


class YesOrNo(django_filters.BooleanFilter):
    """`true` or `false`; anything else is a 400, where the usual filter would find everything."""

    field_class = _YesOrNoField


class ResourceView(GenericAPIView[_Row]):
    """A list, or a single thing, of rows that the caller may see.

    `orderings` maps what `?ordering=` may name to fields; without one the rows come as `rows`
    has them. A `filterset_class` filters lists.
    """

    model: type[_Row]
    related: ClassVar[Sequence[str]] = ()
    prefetched: ClassVar[Sequence[str | Prefetch[Any]]] = ()
    orderings: ClassVar[Mapping[str, str]] = {}

    def rows(self) -> QuerySet[_Row]:
        """What the caller may see, in the usual order."""
        raise NotImplementedError

    def shown(self, rows: list[_Row]) -> Sequence[object]:
        """What the serializer gets of a page of rows; queries belong here, once for all."""
        return rows

    def get_queryset(self) -> QuerySet[_Row]:
        """The rows with all that is read of each."""
        if getattr(self, "swagger_fake_view", False):
            return QuerySet(self.model).none()
        rows = self.rows()
        if self.related:
            rows = rows.select_related(*self.related)
        if self.prefetched:
            rows = rows.prefetch_related(*self.prefetched)
        params = self.request.query_params
        if not self.orderings or "ordering" not in params:
            return rows
        default = next(iter(self.orderings.values()))
        return rows.order_by(*ordering_of(params, allowed=self.orderings, default=default))

    def list_answer(self, request: Request) -> Response:
        """A page of the rows; 304 for a caller who has it."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        shown = self.shown(list(page or []))
        data = self.get_paginated_response(self.get_serializer(shown, many=True).data).data
        return conditional(request, data)

    def answer(self, request: Request, thing: object, **context: Any) -> Response:
        """One thing; 304 for a caller who has it."""
        serializer = self.get_serializer_class()
        data = serializer(
            cast(Any, thing), context={**self.get_serializer_context(), **context}
        ).data
        return conditional(request, data)


def conditional(request: Request, data: Any) -> Response:
    """The answer, or 304 for a caller who has it; never from a shared cache.

    Raises:
        PreconditionFailedError: it is not what `If-Match` names.
    """
    etag = etag_of(data)
    status = getattr(
        get_conditional_response(cast(HttpRequest, request), etag=etag), "status_code", 200
    )
    if status == 412 and "If-Match" in request.headers:
        raise PreconditionFailedError
    # Nothing here has a date, and `If-Unmodified-Since` is to be ignored then (RFC 9110, 13.1.4).
    response = Response(status=304) if status == 304 else Response(data)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Authorization", "Cookie"])
    return response


def etag_of(data: Any) -> str:
    """A weak one: a compressing proxy may serve the same content in other bytes."""
    return f'W/"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'
