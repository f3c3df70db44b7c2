"""How the OpenAPI document tells of refusals: one shape, and every status that may come."""

from typing import Any, Final

from drf_standardized_errors.openapi import AutoSchema
from rest_framework import serializers

_SAFE: Final = frozenset({"GET", "HEAD"})
_ALWAYS: Final = frozenset({"400", "401", "405", "406", "429", "503"})
_OF_ONE: Final = frozenset({"403", "404"})
_OF_WRITES: Final = frozenset({"403", "409", "413", "415", "422"})


class ErrorOutput(serializers.Serializer[Any]):
    """`code` is stable and for programs, `detail` for people; `attr` names the field."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class RefusalOutput(serializers.Serializer[Any]):
    """What every refusal looks like."""

    type = serializers.ChoiceField(choices=["client_error", "validation_error", "server_error"])
    errors = ErrorOutput(many=True)  # type: ignore[assignment] # hides a property of serializers


class Schema(AutoSchema):
    """Tells of the refusals that the academy's middleware, parsers and limits may give anywhere."""

    def _should_add_error_response(self, responses: dict[str, Any], status_code: str) -> bool:
        return status_code not in responses and status_code in self._possible()

    def _get_error_response_serializer(self, status_code: str) -> Any:
        return RefusalOutput

    def _possible(self) -> set[str]:
        possible = set(_ALWAYS)
        if self._should_add_http404_error_response():
            possible |= _OF_ONE
        if self.method not in _SAFE:
            possible |= _OF_WRITES
        return possible
