"""What templates need to show times, states and icons in the academy's voice."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django import template
from django.contrib.humanize.templatetags.humanize import NaturalTimeFormatter
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, get_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

register = template.Library()

SPRITE: Final = "academy/img/icons.svg"
UNFINISHED: Final = frozenset({"queued", "running", "retrying"})
STATES: Final[dict[str, Promise]] = {
    "queued": gettext_lazy("Waiting"),
    "running": gettext_lazy("Running"),
    "retrying": gettext_lazy("Will try again"),
    "succeeded": gettext_lazy("Done"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
    "dead": gettext_lazy("Stopped"),
}
_JUST_NOW_SECONDS: Final = 60
_SIZE_UNITS: Final = ("byte", "kB", "MB", "GB")
_SIZE_STEP: Final = 1000
_SIZE_WHOLE_FROM: Final = 10
_WITHOUT_MINOR: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS: Final = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS: Final = dict.fromkeys(_WITHOUT_MINOR.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of the sprite; the word beside it carries the meaning."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static(SPRITE),
        name,
    )


@register.simple_tag
def fresh_id() -> str:
    """An id for what a form tells, so that a form that is sent twice counts once."""
    return str(uuid4())


@register.filter
def moment(value: Any) -> SafeString:
    """How long ago, with the exact time on hover; empty for no time or an unreadable one."""
    at = _datetime(value)
    if at is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        f"{date_format(at.astimezone(UTC), 'DATETIME_FORMAT')} UTC",
        _ago(at),
    )


@register.filter
def on_date(value: Any) -> SafeString:
    """A day and time to come, in the person's time zone; empty for none."""
    return _written(value, "DATETIME_FORMAT")


@register.filter
def on_day(value: Any) -> SafeString:
    """A day, in the person's time zone, where the time of it is of no use; empty for none."""
    return _written(value, "DATE_FORMAT")


@register.filter
def host(url: str) -> str:
    """The name of the server that a link leads to."""
    return urlsplit(url).hostname or ""


def _written(value: Any, style: str) -> SafeString:
    at = _datetime(value)
    if at is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" data-exact>{}</time>',
        at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        date_format(timezone.localtime(at), style),
    )


def _datetime(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = parse_datetime(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return timezone.make_aware(value, UTC) if timezone.is_naive(value) else value


def _ago(at: datetime) -> str:
    if (timezone.now() - at).total_seconds() < _JUST_NOW_SECONDS:
        return _("just now")
    words = NaturalTimeFormatter.past_substrings
    return _("%(time)s ago") % {"time": timesince(at, depth=1, time_strings=words)}


@register.filter
def clock(seconds: Any) -> str:
    """Seconds as `0:07`, `12:30` or `1:02:03`; empty for None."""
    if not isinstance(seconds, int | float):
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def percentage(percent: Any) -> str:
    """Whole percent in the form of the active language, as the pages' script says it; empty for None.

    `percentage` of the script has the same rule, by the patterns of Unicode's CLDR.
    """
    if not isinstance(percent, int | float):
        return ""
    written = number_format(math.floor(percent), use_l10n=True, force_grouping=True)
    pattern = get_format("PERCENT_FORMAT")
    # Django answers with the name where a language has no such format.
    return pattern.format(written) if "{}" in pattern else f"{written}%"


@register.filter
def file_size(count: Any) -> str:
    """A number of bytes as the pages' script says it, so that no page changes its text when it wakes.

    `fileSize` of the script has the same rule: steps of 1000, one decimal below 10 of a unit.
    """
    if not isinstance(count, int | float):
        return ""
    size = Decimal(str(count))
    unit = 0
    while size >= _SIZE_STEP and unit < len(_SIZE_UNITS) - 1:
        size /= _SIZE_STEP
        unit += 1
    decimals = 1 if size < _SIZE_WHOLE_FROM and unit else 0
    rounded = size.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    exact = rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded
    written = number_format(exact, use_l10n=True, force_grouping=True)
    if not unit:
        return ngettext("%(count)s byte", "%(count)s bytes", int(exact)) % {"count": written}
    return f"{written} {_SIZE_UNITS[unit]}"


@register.filter
def money(minor_units: Any, currency: str) -> str:
    """An amount with its currency, as `49.00 EUR`; minor units by ISO 4217, table A.1."""
    if not isinstance(minor_units, int):
        return ""
    decimals = _DECIMALS.get(currency, 2)
    amount = Decimal(minor_units).scaleb(-decimals)
    told = number_format(amount, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{told}\u00a0{currency}"


@register.filter
def took(document: Mapping[str, Any] | None) -> str:
    """From the request to the end of a finished job, as a clock; empty while it is unfinished."""
    document = document or {}
    created = _datetime(document.get("created_at"))
    finished = _datetime(document.get("finished_at"))
    if created is None or finished is None:
        return ""
    return clock((finished - created).total_seconds())


@register.filter
def is_unfinished(document: Mapping[str, Any] | None) -> bool:
    """Whether the job of this status document still has something to do."""
    return bool(document) and document["status"] in UNFINISHED  # type: ignore[index]


@register.filter
def state_label(status: str) -> str:
    """What a job's state is called."""
    return str(STATES.get(status, status))


@register.simple_tag
def job_states() -> list[tuple[str, Promise]]:
    """Every state of a job with its name, in the order of a job's life."""
    return list(STATES.items())


@register.filter
def blank_task_id(number: int | None) -> str:
    """The id of the nth row that stands empty until a script gives it a job."""
    return str(UUID(int=number or 0))


@register.filter
def at_key(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """What the mapping holds under the key; empty where it holds nothing."""
    return (mapping or {}).get(key, "")
