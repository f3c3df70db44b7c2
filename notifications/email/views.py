"""The mailbox page: mails of an academy without a mail server, for its developers alone."""

import uuid
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from notifications.email.errors import MailboxClosedError
from notifications.email.models import OutgoingMail
from notifications.email.selectors import mails_shown

_PAGE = 20


@never_cache
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    _require_open()
    page: Page[Any] = Paginator(mails_shown(), _PAGE).get_page(request.GET.get("page"))
    return render(request, "mailbox/mailbox.html", {"page": page})


@never_cache
@require_GET
def mail(request: HttpRequest, mail_id: uuid.UUID) -> HttpResponse:
    _require_open()
    found: OutgoingMail | None = mails_shown().filter(pk=mail_id).first()
    if found is None:
        raise MailboxClosedError
    return render(request, "mailbox/mail.html", {"mail": found})


def _require_open() -> None:
    if not settings.MAILBOX:
        raise MailboxClosedError
