"""What releases hold of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.accounts.portrait import register_section
from learning.releases.models import Release

_ROWS_AT_ONCE = 500


def releases_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = Release.objects.filter(author_id=person_id).select_related("course").order_by("pk")
    shown = rows.only("course__slug", "number", "title", "note", "published_at")
    for row in shown.iterator(chunk_size=_ROWS_AT_ONCE):
        yield {
            "course": row.course.slug,
            "release": row.number,
            "title": row.title,
            "what_is_new": row.note,
            "published_at": row.published_at,
        }


register_section("releases", releases_of, title=_("Releases that you published"))
