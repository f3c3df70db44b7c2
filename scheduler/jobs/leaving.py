"""What jobs do when a person leaves the academy."""

from typing import Any

from django.dispatch import receiver

from academy.accounts.signals import person_anonymised
from scheduler.idempotency.services import keys_forget
from scheduler.jobs.services import jobs_of_person_withdraw


@receiver(person_anonymised, dispatch_uid="scheduler.person_anonymised")
def after_person_anonymised(*, person_id: int, **_kwargs: Any) -> None:
    """Their unfinished jobs are cancelled, and stored answers to them are gone."""
    jobs_of_person_withdraw(person_id=person_id)
    keys_forget(scope=f"user:{person_id}")
