"""Writing enrolments: the only place that changes their rows."""

from learning.enrolments.services.changing import (
    enrolment_move,
    enrolment_reschedule,
    enrolment_resume,
    enrolment_suspend,
    enrolment_withdraw,
    enrolments_of_person_end,
    enrolments_pin,
)
from learning.enrolments.services.cohorts import COHORT_FIELDS, cohort_delete, cohort_save
from learning.enrolments.services.drip import (
    NewRule,
    drip_override_clear,
    drip_override_set,
    drip_rules_set,
)
from learning.enrolments.services.enrolling import (
    Arrival,
    enrolment_by_staff,
    enrolment_by_staff_outcome,
    enrolment_self,
    enrolment_self_outcome,
    enrolment_with_key,
)
from learning.enrolments.services.keys import key_make, key_revoke
from learning.enrolments.services.lists import (
    list_enrol,
    list_keep,
    list_receive,
    lists_expire,
    lists_forget_person,
)

__all__ = [
    "COHORT_FIELDS",
    "Arrival",
    "NewRule",
    "cohort_delete",
    "cohort_save",
    "drip_override_clear",
    "drip_override_set",
    "drip_rules_set",
    "enrolment_by_staff",
    "enrolment_by_staff_outcome",
    "enrolment_move",
    "enrolment_reschedule",
    "enrolment_resume",
    "enrolment_self",
    "enrolment_self_outcome",
    "enrolment_suspend",
    "enrolment_with_key",
    "enrolment_withdraw",
    "enrolments_of_person_end",
    "enrolments_pin",
    "key_make",
    "key_revoke",
    "list_enrol",
    "list_keep",
    "list_receive",
    "lists_expire",
    "lists_forget_person",
]
