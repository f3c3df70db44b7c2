"""Refusals of jobs, and how a run of one ends early."""

from django.utils.translation import gettext_lazy as _

from academy.platform.errors import (
    AcademyError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TooManyError,
    UnavailableError,
)


class JobNotFoundError(NotFoundError):
    """There is no such job, or it is none of yours."""


class UnknownKindError(InvalidInputError):
    """No kind of job goes by that name."""

    code = "unknown_kind"


class ParamsTooLargeError(InvalidInputError):
    """The parameters of a job are ids and plain values, 16 KiB at most."""

    code = "params_too_large"


class QueueFullError(TooManyError):
    """You have as many jobs waiting as one person may have."""

    code = "too_many_jobs"


class LaneFullError(UnavailableError):
    """The academy has more work waiting than it takes on."""

    code = "lane_full"


class CannotCancelError(ConflictError):
    """The job has ended, or its kind cannot be cancelled."""

    code = "cannot_cancel"


class CannotRetryError(ConflictError):
    """Only a job that failed, was cancelled or died can be tried again."""

    code = "cannot_retry"


class RunEndedError(Exception):
    """A run must stop now. Not an `AcademyError`: code that handles those must not catch it."""


class JobCancelledError(RunEndedError):
    """Somebody cancelled the job."""


class JobLostError(RunEndedError):
    """The lease is gone: another worker owns the job, and nothing of this run counts."""


class TimeLimitError(AcademyError):
    """The work took longer than its kind may."""

    code = "time_limit"


class MemoryLimitError(AcademyError):
    """The work needed more memory than its kind may."""

    code = "memory_limit"


ERROR_TEXTS = {
    "time_limit": _("It took longer than allowed and was stopped."),
    "memory_limit": _("It needed more memory than allowed and was stopped."),
    "crashed": _("The process that worked on it crashed, several times. An operator looks at it."),
    "unexpected": _("Something went wrong that we did not foresee. The operators can see what."),
    "unknown_kind": _("This version of the academy no longer knows this kind of work."),
}
