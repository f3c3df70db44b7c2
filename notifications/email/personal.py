"""What mails hold of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.accounts.portrait import register_section
from academy.accounts.selectors import proven_addresses
from notifications.email.models import OutgoingMail

_ROWS_AT_ONCE = 500


def mails_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    """Without what they say: some carry links that open accounts."""
    own = proven_addresses(person_id)
    rows = OutgoingMail.objects.order_by("created_at", "pk")
    shown = rows.values_list("recipients", "subject", "state", "created_at", "ended_at")
    # Few mails are younger than a week, and JSON is searched alike by no two databases.
    for recipients, subject, state, written_at, ended_at in shown.iterator(
        chunk_size=_ROWS_AT_ONCE
    ):
        for recipient in recipients:
            if recipient.lower() in own:
                yield {
                    "to": recipient,
                    "subject": subject,
                    "state": state,
                    "written_at": written_at,
                    "ended_at": ended_at,
                }


register_section("mails", mails_of, title=_("Mails to you"))
