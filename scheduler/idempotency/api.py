"""`Idempotency-Key` on the views that create work."""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.db import transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from scheduler.idempotency.errors import KeyMalformedError
from scheduler.idempotency.services import (
    Claim,
    StoredAnswer,
    key_answer_store,
    key_claim,
    key_release,
)

_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_STORED: Final = frozenset({200, 201, 202})
_KEPT_HEADERS: Final = ("Location",)
_P = ParamSpec("_P")
_View = TypeVar("_View", bound=APIView)
_Method = Callable[Concatenate[_View, Request, _P], Response]


def idempotent(method: _Method[_View, _P]) -> _Method[_View, _P]:
    """The same key and body have one effect and one answer, however often they are sent.

    Wraps the `post` of a view. With or without the header it runs inside one transaction; with
    it the answer is stored in that transaction. Answers 200, 201 and 202 are replayed for a day
    with `Idempotency-Replayed: true`; refusals free the key.
    """

    @functools.wraps(method)
    def answered(view: _View, request: Request, /, *args: _P.args, **kwargs: _P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            with transaction.atomic():
                return _undone_if_refused(method(view, request, *args, **kwargs))
        if not _KEY.fullmatch(key):
            raise KeyMalformedError
        claim = key_claim(scope=scope_of(request), key=key, fingerprint=fingerprint_of(request))
        if isinstance(claim, StoredAnswer):
            return _replayed(claim)
        with ExitStack() as undo:
            undo.callback(key_release, claim=claim)
            with transaction.atomic():
                response = _undone_if_refused(method(view, request, *args, **kwargs))
                if response.status_code not in _STORED:
                    return response
                _store(claim, response)
            undo.pop_all()
            return response

    return answered


def scope_of(request: Request) -> str:
    """Keys are a person's own: two people may use the same one."""
    return f"user:{request.user.pk}" if request.user.is_authenticated else "anonymous"


def fingerprint_of(request: Request) -> str:
    """SHA-256 of method, path and body; the order of keys and the spaces of JSON do not count."""
    canonical = json.dumps(
        [request.method, request.path, request.data], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _undone_if_refused(response: Response) -> Response:
    """A refusal that was returned has no more effect than one that was raised."""
    if response.status_code >= 400:
        transaction.set_rollback(True)
    return response


def _store(claim: Claim, response: Response) -> None:
    body: Any = json.loads(JSONRenderer().render(response.data) or b"null")
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    key_answer_store(claim=claim, status_code=response.status_code, body=body, headers=headers)


def _replayed(answer: StoredAnswer) -> Response:
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Response(answer.body, status=answer.status_code, headers=headers)
