"""Refusals of progress."""

from academy.platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)


class NotEnrolledError(PermissionDeniedError):
    """You are not enrolled in this course."""

    code = "not_enrolled"


class SeatSuspendedError(PermissionDeniedError):
    """Your enrolment is suspended; ask an instructor of the course."""

    code = "enrolment_suspended"


class SeatNotBegunError(PermissionDeniedError):
    """Your enrolment has not begun yet."""

    code = "enrolment_not_begun"


class SeatEndedError(PermissionDeniedError):
    """Your enrolment has ended."""

    code = "enrolment_ended"


class LessonNotInReleaseError(NotFoundError):
    """Your course has no such lesson."""

    code = "lesson_not_found"


class LessonNotOpenError(PermissionDeniedError):
    """This lesson is not open to you yet."""

    code = "lesson_locked"


class RulesUnmetError(ConflictError):
    """Something is missing before this lesson is done."""

    code = "rules_unmet"


class CheckpointUnusableError(InvalidInputError):
    """A place in a lesson is a heading's anchor and how far down it is, from 0 to 1."""

    code = "bad_checkpoint"


class EventUnusableError(InvalidInputError):
    """This tells nothing: what happened, in which lesson, and when, as ISO 8601 with a zone."""

    code = "bad_event"


class EventIdTakenError(ConflictError):
    """This id was told before, of another lesson or of something else done in it."""

    code = "event_id_taken"


class TooManyEventsError(InvalidInputError):
    """At most 100 events are told at once."""

    code = "too_many_events"


class RuleInvalidError(InvalidInputError):
    """This is no rule that could complete a lesson."""

    code = "bad_completion_rule"
