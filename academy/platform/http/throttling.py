"""Limits on the API's views."""

from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from academy.platform.http.limiting import Decision, hit, note, person_or_address

if TYPE_CHECKING:
    # The REST framework imports this module while it makes APIView.
    from rest_framework.views import APIView


class RatedThrottle(BaseThrottle):
    """Counts a request under `scope_of` for whoever sends it."""

    def __init__(self) -> None:
        self.decision: Decision | None = None

    def scope_of(self, request: Request, view: "APIView") -> str | None:
        """The name of the rate that counts here; None: no limit."""
        raise NotImplementedError

    def is_exact(self, request: Request) -> bool | None:
        """Whether to count in the database while the cache instance is silent; None: by scope."""
        return None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Counts the request, and notes the limit for the answer's headers."""
        scope = self.scope_of(request, view)
        if scope is None:
            return True
        decision = hit(scope, person_or_address(request), exact=self.is_exact(request))
        note(cast(HttpRequest, cast(Any, request)._request), decision)  # noqa: SLF001
        self.decision = decision
        return decision.allowed

    def wait(self) -> float | None:
        """Seconds until the next request may pass."""
        return None if self.decision is None else float(self.decision.reset_seconds)


class PersonThrottle(RatedThrottle):
    """The hourly limit of a person, or of an address without sign-in.

    While the cache instance is silent, reads pass and everything else is counted exactly.
    """

    def scope_of(self, request: Request, view: "APIView") -> str:
        """By sign-in."""
        return "user" if request.user.is_authenticated else "anon"

    def is_exact(self, request: Request) -> bool:
        """Whatever may change something."""
        return request.method not in {"GET", "HEAD", "OPTIONS"}


class StatusThrottle(RatedThrottle):
    """The limit on reading the state of jobs; stands in place of the hourly one."""

    def scope_of(self, request: Request, view: "APIView") -> str:
        """One for all views."""
        return "status"


class ActionThrottle(RatedThrottle):
    """The limit that the view names by `rate_scope`, besides the hourly one.

    A view that answers several methods is limited where it changes something.
    """

    def scope_of(self, request: Request, view: "APIView") -> str | None:
        """The view's own."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return None
        scope: str | None = getattr(view, "rate_scope", None)
        return scope
