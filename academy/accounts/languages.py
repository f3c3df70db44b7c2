"""The languages that people read the academy in."""

from django.conf import settings
from django.utils import translation


def spoken(language: str) -> str:
    """The language of ours that is nearest to the one that somebody chose."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return str(settings.LANGUAGE_CODE)
