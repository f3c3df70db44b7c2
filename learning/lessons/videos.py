"""Which addresses a lesson's video may have."""

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

_HTTPS: Final = URLValidator(schemes=["https"])
# RFC 3986, section 2, has none of these but the apostrophe, which would end an attribute.
_NEVER: Final = re.compile(r"""["'<>\\^`{|}]""")


def require_video_address(value: str) -> None:
    """Nothing happens to an https address that leads where it seems to lead.

    Raises:
        ValidationError: it is none, it names a user, or it has characters that no address has or
            that hide or turn what stands around them.
    """
    try:
        _HTTPS(value)
        place = urlsplit(value)
        # Nameprep (RFC 3491, section 5) refuses hosts that read in two directions.
        _host, _port = (place.hostname or "").encode("idna"), place.port
    except (ValidationError, ValueError):
        raise ValidationError(_("A video has an address with https://."), code="invalid") from None
    if "@" in place.netloc:
        raise ValidationError(_("The address of a video names no user."), code="invalid")
    if _NEVER.search(value) or any(unicodedata.category(one)[0] in "CZ" for one in value):
        raise ValidationError(
            _("The address of a video has no spaces, quotes, brackets or invisible characters."),
            code="invalid",
        )
