"""When an enrolment is open: decided by the database's clock, when it is read."""

from django.db.models import Q
from django.db.models.functions import Now

from learning.enrolments.models import Enrolment


def open_now(prefix: str = "") -> Q:
    """Enrolments in which the person may learn at this moment."""
    now = Now()

    def field(name: str) -> str:
        return f"{prefix}{name}"

    return (
        Q(**{field("status"): Enrolment.Status.ACTIVE})
        & (Q(**{field("expires_at"): None}) | Q(**{field("expires_at__gt"): now}))
        & (Q(**{field("cohort__starts_at"): None}) | Q(**{field("cohort__starts_at__lte"): now}))
        & (Q(**{field("cohort__ends_at"): None}) | Q(**{field("cohort__ends_at__gt"): now}))
    )
