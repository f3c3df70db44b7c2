"""What enrolments hold of a person, for the portrait."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from academy.accounts.portrait import register_section
from learning.enrolments.models import Enrolment
from learning.enrolments.shown import course_read


def enrolments_of(person_id: int) -> Iterator[Mapping[str, Any]]:
    rows = Enrolment.objects.filter(person_id=person_id)
    for row in rows.select_related("course__newest_release", "cohort", "release").order_by("pk"):
        yield {
            "course": row.course.slug,
            "title": course_read(row).title,
            "status": row.status,
            "how": row.source,
            "cohort": row.cohort.name if row.cohort else None,
            "release": row.release.number if row.release else None,
            "started_at": row.started_at,
            "ends_at": row.expires_at,
        }


register_section("enrolments", enrolments_of, title=_("Your courses"))
