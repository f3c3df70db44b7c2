"""What daphne has no setting for: bodies are bounded, and large frames are told so.

daphne and twisted name their classes where they make them, so ours take that place; done
wherever `academy.asgi` is imported, also for a `daphne` that somebody types by hand.
"""

import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import structlog
from django.utils.translation import gettext as _

from academy.platform.http.answers import MACHINE_PREFIXES, error_body
from academy.platform.http.bodies import body_limit_bytes
from academy.platform.observability.correlation import accepted_or_new
from academy.platform.realtime.stalling import Stall, bound_kernel

_log: Final = structlog.get_logger("academy.access")
# The server first: it installs the reactor that everything of twisted then uses.
_server: Any = import_module("daphne.server")
_protocol: Any = import_module("daphne.http_protocol")
_sockets: Any = import_module("daphne.ws_protocol")
_http: Any = import_module("twisted.web.http")
_reactor: Any = import_module("twisted.internet.reactor")
# Who still sends would be reset by a plain close, and never read the answer.
_LINGER_SECONDS: Final = 2.0


class BoundedRequest(_protocol.WebRequest):  # type: ignore[misc]
    """A body over the limit of its address is answered 413 at once, and never kept.

    Twisted would collect it whole, in memory and temporary files, before anyone is asked.
    """

    def __init__(self, *args: Any) -> None:
        # Twisted parses forms on the event loop, line by line, for arguments that daphne ignores.
        super().__init__(*args, parsePOSTFormSubmission=False)
        self._left_bytes = 0
        self._is_refused = False
        self._stall: Stall | None = None

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - twisted's name
        """The headers are complete; a body that is announced too large ends here."""
        self._left_bytes = body_limit_bytes(self._wanted_path())
        if length is not None and length > self._left_bytes:
            self._refuse()
        else:
            super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - twisted's name
        """A part of the body is kept, or counted where the limit is passed."""
        self._left_bytes -= len(data)
        if self._is_refused:
            return
        if self._left_bytes < 0:
            self._refuse()
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        """The body is complete."""
        if self._is_refused:
            self.transport.loseConnection()
            return
        length_bytes = self.content.tell()
        if length_bytes and self.requestHeaders.hasHeader(b"Transfer-Encoding"):
            # Complete by now, and the REST framework takes a body without a length for none.
            self.requestHeaders.removeHeader(b"Transfer-Encoding")
            self.requestHeaders.setRawHeaders(b"Content-Length", [b"%d" % length_bytes])
        super().requestReceived(command, path, version)

    def handle_reply(self, message: Any) -> None:
        """Write a part of the answer; streams of events are watched like sockets."""
        if self.channel is not None and not self.finished and _is_stream(message):
            bound_kernel(self.transport)
            self._stall = Stall(abort=self.transport.abortConnection, later=_reactor.callLater)
            self.registerProducer(self._stall, streaming=True)
        super().handle_reply(message)
        if self._stall is not None:
            self._stall.sent(len(message.get("body", b"")))

    def finish(self) -> None:
        """The answer is complete."""
        self._unwatch()
        super().finish()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - twisted's name
        """Nobody is there any more."""
        self._unwatch()
        super().connectionLost(reason)

    def _unwatch(self) -> None:
        stall, self._stall = self._stall, None
        if stall is not None:
            stall.stopProducing()
            self.unregisterProducer()

    def _wanted_path(self) -> str:
        # The request learns its own path only when the body is there.
        path: bytes = self.channel._path  # noqa: SLF001 - see above
        return path.partition(b"?")[0].decode("latin-1")

    def _refuse(self) -> None:
        self._is_refused = True
        if self.content is not None:
            self.content.close()
        self.requestHeaders.removeHeader(b"Expect")
        given = self.requestHeaders.getRawHeaders(b"X-Request-ID", [b""])[0]
        refusal = _Refusal(413, "Content Too Large", "too_large", _("The request is too large."))
        _refuse(self.channel, refusal, path=self._wanted_path(), given=given.decode("latin-1"))


def _is_stream(message: Any) -> bool:
    return message.get("type") == "http.response.start" and any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in message.get("headers", ())
    )


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    reason: str
    code: str
    detail: str


def _refuse(channel: Any, refusal: _Refusal, *, path: str, given: str = "") -> None:
    """The client reads the answer, whatever it still sends."""
    request_id = accepted_or_new(given)
    _log.info("request", path=path[:500], status=refusal.status, correlation_id=request_id)
    channel.transport.write(_told(refusal, path, request_id))
    channel.transport.loseWriteConnection()
    channel.callLater(_LINGER_SECONDS, channel.transport.abortConnection)


def _told(refusal: _Refusal, path: str, request_id: str) -> bytes:
    detail = refusal.detail
    kind = "text/plain; charset=utf-8"
    if path.startswith(MACHINE_PREFIXES):
        kind = "application/json"
        known = error_body(status_code=refusal.status, code=refusal.code, detail=detail)
        detail = json.dumps(known, ensure_ascii=False)
    body = detail.encode()
    headers = (
        f"HTTP/1.1 {refusal.status} {refusal.reason}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        f"X-Request-ID: {request_id}\r\n"
        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n"
    )
    return headers.encode() + body


def _ignored(data: bytes) -> None:
    """Nothing is done with it."""


class QuietChannel(_http.HTTPChannel):  # type: ignore[misc]
    """Headers that daphne and twisted would trust too far go no further.

    A length of thousands of digits, which `int` refuses, is a bad request without a traceback.
    `Daphne-Root-Path` would put the sender's words before every address that we write. A line of
    over 16 KiB is answered, where twisted only ends the connection.
    """

    def headerReceived(self, line: bytes) -> bool:  # noqa: N802 - twisted's name
        """False where the header is no good, and the client was told."""
        if line.partition(b":")[0].strip().lower() == b"daphne-root-path":
            return True
        try:
            is_good: bool = super().headerReceived(line)
        except ValueError:
            self._respondToBadRequestAndDisconnect()
            return False
        return is_good

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - twisted's name
        """What still comes is not looked at."""
        self.dataReceived = _ignored
        path = getattr(self, "_path", None)
        if path is None:
            path = line.partition(b" ")[2]
            refusal = _Refusal(414, "URI Too Long", "too_long", _("The address is too long."))
        else:
            words = _("A header of the request is too long.")
            refusal = _Refusal(431, "Request Header Fields Too Large", "header_too_long", words)
        _refuse(self, refusal, path=path.partition(b"?")[0].decode("latin-1"))


class PacedSocket(_sockets.WebSocketProtocol):  # type: ignore[misc]
    """A socket whose client stops reading ends, and costs little until then."""

    def onOpen(self) -> None:  # noqa: N802 - autobahn's name
        """The handshake is done."""
        super().onOpen()
        bound_kernel(self.transport)
        self._stall = Stall(abort=self.transport.abortConnection, later=_reactor.callLater)
        # Until now the producer was the channel of the request that became this socket.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self._stall, streaming=True)

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - daphne's signature
        """Send one frame."""
        super().serverSend(content, binary)
        if hasattr(self, "_stall"):
            self._stall.sent(len(content))

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - twisted's name
        """Nobody is there any more."""
        if hasattr(self, "_stall"):
            self._stall.stopProducing()
        super().connectionLost(reason)


class ClosingFactory(_server.WebSocketFactory):  # type: ignore[misc]
    """A frame too large is answered with 1009 (RFC 6455, section 7.4.1) before the socket ends.

    autobahn's default only drops the connection, and daphne has no setting for it.
    """

    protocol = PacedSocket

    def resetProtocolOptions(self) -> None:  # noqa: N802 - autobahn's name
        """Set autobahn's defaults, but for what the class says."""
        super().resetProtocolOptions()
        self.failByDrop = False


def adapt_daphne() -> None:
    """Every server of this process is made of the classes above."""
    _http.HTTPChannel = QuietChannel
    _protocol.WebRequest = BoundedRequest
    _server.WebSocketFactory = ClosingFactory
