"""What mails do when something below them changes."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from academy.accounts.signals import person_anonymised
from notifications.email.services import mails_withdraw


@receiver(person_anonymised, dispatch_uid="notifications.person_anonymised")
def after_person_anonymised(*, addresses: Collection[str], **_kwargs: Any) -> None:
    """What was written to somebody who left is not sent and not kept."""
    for address in addresses:
        mails_withdraw(address=address)
