"""Refusals of enrolments."""

from academy.platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)


class EnrolmentNotFoundError(NotFoundError):
    """There is no such enrolment, or it is none of yours."""


class CohortNotFoundError(NotFoundError):
    """The course has no such cohort."""


class KeyNotFoundError(NotFoundError):
    """The course has no such key."""


class OverrideNotFoundError(NotFoundError):
    """The lesson has no such exception."""


class ListNotFoundError(NotFoundError):
    """The course has no such list of people."""


class KeyRefusedError(InvalidInputError):
    """This key opens nothing: it is mistyped, used up, or no longer good."""

    code = "key_refused"


class KeyNeededError(ConflictError):
    """For this course you need an enrolment key."""

    code = "key_needed"


class CourseNotOpenError(ConflictError):
    """This course is not open yet."""

    code = "course_not_open"


class CourseFullError(ConflictError):
    """All seats of this course are taken."""

    code = "course_full"


class EnrolmentSuspendedError(ConflictError):
    """The enrolment is suspended; only an instructor of the course can lift that."""

    code = "enrolment_suspended"


class EnrolmentBarredError(ConflictError):
    """An instructor ended this enrolment; ask them to let you in again."""

    code = "enrolment_barred"


class EnrolmentStateError(ConflictError):
    """The enrolment is not in a state in which this can be done."""

    code = "enrolment_state"


class PersonUnknownError(InvalidInputError):
    """Nobody here has this e-mail address or user name."""

    code = "unknown_person"


class EmailUnusableError(InvalidInputError):
    """This is no e-mail address."""

    code = "bad_email"


class SenderNotAllowedError(PermissionDeniedError):
    """Who sent the list may not enrol people in this course any more."""

    code = "sender_not_allowed"


class CohortUnknownError(InvalidInputError):
    """The course has no cohort of that name."""

    code = "unknown_cohort"


class DateUnusableError(InvalidInputError):
    """Write the date in the form 2027-03-31; it lies between 1970 and 3000."""

    code = "bad_date"


class DatesReversedError(InvalidInputError):
    """It would end before it starts, or has ended already."""

    code = "dates_reversed"


class NameTakenError(ConflictError):
    """The course has one of that name already."""

    code = "name_taken"


class ReleaseUnknownError(InvalidInputError):
    """The course has no release of that number."""

    code = "unknown_release"


class ForeignRowError(InvalidInputError):
    """This belongs to another course."""

    code = "foreign"


class RuleUnusableError(InvalidInputError):
    """This rule cannot be used as it is."""

    code = "bad_rule"


class RuleCycleError(InvalidInputError):
    """The lessons would wait for each other, and none would ever open."""

    code = "rule_cycle"


class ListTooLargeError(InvalidInputError):
    """A list has at most 1 MB and 5,000 lines."""

    code = "list_too_large"


class ListUnreadableError(InvalidInputError):
    """The list cannot be read: it is CSV in UTF-8 whose first line names the columns."""

    code = "list_unreadable"
