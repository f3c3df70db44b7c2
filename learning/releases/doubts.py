"""What whoever publishes should know beforehand, for readers would meet it."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.templatetags.look import money
from learning.courses.models import Course
from learning.lessons.models import Tier
from learning.releases.selectors import lessons_to_publish

MAX_LESSONS_TOLD: Final = 10
_MISSING: Final = '<span class="missing-figure">'
_MISSING_WORDS: Final = re.compile(rf"{_MISSING}([^<]*)</span>")


def doubts_about(course: Course) -> list[str]:
    """Sentences about what is to be published: missing figures, and a price for nothing.

    Two queries at most. Figures are told of lessons whose drafts have their pages already; texts
    of those alone are read, and of ten lessons at most.
    """
    return [*_missing_figures(course), *_price_for_nothing(course)]


def _missing_figures(course: Course) -> Iterator[str]:
    page = "draft_revision__rendition__body_html"
    lacking = lessons_to_publish(course).filter(**{f"{page}__contains": _MISSING})
    for title, body, html in lacking.values_list("title", "body", page)[:MAX_LESSONS_TOLD]:
        words = [unescape(told) for told in _MISSING_WORDS.findall(html)]
        names = dict.fromkeys(_name_of(told, body) for told in words)
        told = _(", ").join(name for name in names if name)
        yield _("“%(lesson)s” shows a figure that is missing: %(figures)s") % {
            "lesson": title,
            "figures": told or "?",
        }


def _name_of(words: str, body: str) -> str:
    """The file that the text writes for the picture of these words, or the words themselves."""
    found = re.search(rf"!\[{re.escape(words)}\]\(\s*<?([^)\s>]{{1,200}})", body)
    return found[1] if found else words


def _price_for_nothing(course: Course) -> list[str]:
    if not course.price:
        return []
    tiers = list(lessons_to_publish(course).order_by().values_list("access", flat=True))
    free_count = tiers.count(Tier.FREE)
    if not free_count:
        return []
    text = ngettext(
        "The course costs %(price)s, yet %(free)d of %(count)d lesson is open to everybody.",
        "The course costs %(price)s, yet %(free)d of %(count)d lessons are open to everybody.",
        len(tiers),
    )
    price = money(course.price, course.currency)
    return [text % {"price": price, "free": free_count, "count": len(tiers)}]
