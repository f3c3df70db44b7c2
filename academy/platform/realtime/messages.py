"""What clients say over a socket, and what they are told about it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError

from academy.platform.errors import AcademyError
from academy.platform.http.parsers import parse_json

MAX_BYTES: Final = 65_536
_DEPTH_LIMIT: Final = 8


@dataclass(frozen=True, slots=True)
class Message:
    """`{"type", "id", "data"}` of a client; the id is its own, so that it may say it again."""

    kind: str
    id: uuid.UUID
    data: Mapping[str, Any]


class MessageError(Exception):
    """A message is refused: `code` is stable and for programs, the rest a sentence for people."""

    def __init__(self, code: str, detail: str, *, message_id: uuid.UUID | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.message_id = message_id

    @classmethod
    def of(cls, error: AcademyError) -> "MessageError":
        """The same refusal as everywhere else."""
        return cls(error.code, str(error))

    @classmethod
    def unavailable(cls) -> "MessageError":
        """The database is away; the same message may be taken later."""
        return cls("unavailable", _("The academy is too busy for this just now."))


@dataclass(frozen=True, slots=True)
class Reply:
    """`accepted`, or `refused` with the reason; frames from `seq` on include what was accepted."""

    seq: int
    id: uuid.UUID | None = None
    error: MessageError | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The type of the frame."""
        return "accepted" if self.error is None else "refused"

    @property
    def data(self) -> dict[str, Any]:
        """The data of the frame; code and detail are empty in an accepted one."""
        return {
            "id": str(self.id) if self.id else None,
            "code": self.error.code if self.error else "",
            "detail": self.error.detail if self.error else "",
            **self.more,
        }


def parsed(body: str | bytes, *, accepts: Collection[str]) -> Message:
    """The message that the text is.

    Raises:
        MessageError: it is none, or none of the types that the socket accepts.
    """
    if not isinstance(body, str):
        raise MessageError("invalid", _("Messages are JSON texts."))
    raw = body.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise MessageError("too_large", _("A message has at most 64 KiB."))
    try:
        said = parse_json(raw, depth_limit=_DEPTH_LIMIT)
    except ParseError as error:
        raise MessageError("invalid", str(error.detail)) from error
    if not isinstance(said, dict):
        raise MessageError("invalid", _("A message is an object."))
    message_id = _id_of(said)
    kind, data = said.get("type"), said.get("data")
    if not isinstance(kind, str) or kind not in accepts:
        known = ", ".join(sorted(accepts))
        detail = _("A message has a type: one of %s.") % known
        raise MessageError("invalid", detail, message_id=message_id)
    if not isinstance(data, dict):
        detail = _("The data of a message is an object.")
        raise MessageError("invalid", detail, message_id=message_id)
    return Message(kind=kind, id=message_id, data=data)


def _id_of(said: Mapping[str, Any]) -> uuid.UUID:
    text = said.get("id")
    try:
        return uuid.UUID(text if isinstance(text, str) else "")
    except ValueError:
        raise MessageError("invalid", _("The id of a message is a UUID.")) from None
