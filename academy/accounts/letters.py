"""The mails of accounts: in the language of whom they go to, with links to this academy alone."""

from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import urlencode

from academy.accounts.languages import spoken

_LONGEST_SUBJECT: Final = 200


def letter_send(letter: str, *, to: str, language: str, **context: Any) -> None:
    """The mail `accounts/mail/<letter>.txt` is on its way; its first line is the subject.

    It goes through Django's mail backend: in our own case as a row and a job of the caller's
    transaction.
    """
    with translation.override(spoken(language)):
        text = render_to_string(
            f"accounts/mail/{letter}.txt", {"site": settings.SITE_URL, **context}
        )
    subject, _newline, body = text.strip().partition("\n")
    EmailMessage(subject.strip()[:_LONGEST_SUBJECT], body.strip() + "\n", None, [to]).send()


def link(path: str, **query: str) -> str:
    """An address of ours for a mail. Secrets go into the query, where our logs hide them.

    It starts with `SITE_URL`, never with the `Host` that somebody sent.
    """
    return f"{settings.SITE_URL}{path}" + (f"?{urlencode(query)}" if query else "")
