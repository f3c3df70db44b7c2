"""What people's own data learns from other rooms, and adds to the portrait."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from academy.accounts.portrait import register_section
from academy.accounts.signals import person_anonymised
from exports.artifacts.services import Holder, holder_register
from exports.people.selectors import jobs_of
from exports.people.services import portraits_drop, portraits_expire


@receiver(person_anonymised, dispatch_uid="exports.person_anonymised")
def after_person_anonymised(*, person_id: int, **_kwargs: Any) -> None:
    """Files of the data of somebody who left are gone."""
    portraits_drop(person_id=person_id)


register_section("jobs", jobs_of, title=_("What was made for you"))
holder_register("people", Holder(let_go=portraits_expire))
