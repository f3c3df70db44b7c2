"""Whether what a letter leads to is still there."""

import re
from urllib.parse import parse_qs, urlsplit

from allauth.account.models import EmailConfirmationHMAC
from django.conf import settings
from django.urls import reverse

from academy.accounts.errors import LinkSpentError
from academy.accounts.services.passwords import person_of_reset


def has_spent_link(text: str) -> bool:
    """Whether a link in the letter opens nothing: it was used, is too old, or its person is gone."""
    return any(_is_spent(url) for url in re.findall(rf"{re.escape(settings.SITE_URL)}/\S+", text))


def _is_spent(url: str) -> bool:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path == reverse("accounts:new-password"):
        return _is_reset_spent(query)
    if parts.path == reverse("accounts:confirm"):
        found = EmailConfirmationHMAC.from_key(query.get("key", ""))
        return found is None or not found.email_address.user.is_active
    return False


def _is_reset_spent(query: dict[str, str]) -> bool:
    try:
        person_of_reset(uid=query.get("person", ""), token=query.get("token", ""))
    except LinkSpentError:
        return True
    return False
