"""Handing one mail to the mail server (RFC 5321), within a bounded time."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from notifications.email.errors import MailRefusedError, MailUnsentError

# Each step may take `MAIL_TIMEOUT_SECONDS`; a server that sends a byte now and then is cut off.
TOTAL_STEPS: Final = 4
_PORTS: Final = {"smtp": 25, "smtps": 465, "starttls": 587}
_PERMANENT: Final = 500


def send(*, sender: str, recipients: Sequence[str], content: bytes) -> None:
    """The server of `MAIL_URL` has taken the mail for at least one recipient.

    Raises:
        MailUnsentError: it may take it later: no connection, no answer, 4xx, or a sign-in or a
            certificate that an operator can mend.
        MailRefusedError: it never will (5xx to sender, recipients or content).
    """
    try:
        with _connection() as server:
            server.sendmail(_bare(sender), [_bare(address) for address in recipients], content)
    except smtplib.SMTPRecipientsRefused as error:
        raise _verdict([code for code, _text in error.recipients.values()]) from None
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _verdict([error.smtp_code]) from None
    except (smtplib.SMTPException, OSError) as error:
        # Its text may quote an address.
        raise MailUnsentError(f"{type(error).__name__} from the mail server") from None


def _verdict(codes: Sequence[int]) -> MailRefusedError | MailUnsentError:
    answered = ", ".join(str(code) for code in sorted(set(codes)))
    if all(code >= _PERMANENT for code in codes):
        return MailRefusedError(f"the mail server answered {answered}")
    return MailUnsentError(f"the mail server answered {answered}")


class _Bounded(smtplib.SMTP):
    """Cut off, wherever it stands, when its time is over."""

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        # Before the greeting, which a server may drip as well.
        self.guard = threading.Timer(settings.MAIL_TIMEOUT_SECONDS * TOTAL_STEPS, self._cut)
        self.guard.daemon = True
        self.guard.start()
        return super().connect(*args, **kwargs)

    def close(self) -> None:
        if hasattr(self, "guard"):
            self.guard.cancel()
        super().close()

    def _cut(self) -> None:
        with suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


class _BoundedTLS(_Bounded, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


@contextmanager
def _connection() -> Iterator[smtplib.SMTP]:
    url = urlsplit(settings.MAIL_URL)
    server = _opened(url)
    try:
        if url.scheme == "starttls":
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
        # The mail is taken: how the server says good-bye changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def _opened(url: SplitResult) -> smtplib.SMTP:
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    # Its own name, so that nobody asks a name server for it.
    given: dict[str, Any] = {
        "local_hostname": "[127.0.0.1]",
        "timeout": settings.MAIL_TIMEOUT_SECONDS,
    }
    if url.scheme == "smtps":
        return _BoundedTLS(host, port, context=ssl.create_default_context(), **given)
    return _Bounded(host, port, **given)


def _bare(address: str) -> str:
    """The address without the name before it, as an envelope has it."""
    return smtplib.quoteaddr(address)[1:-1]
