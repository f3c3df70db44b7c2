"""Writing jobs: the only place that changes their rows."""

from scheduler.jobs.services.asking import (
    Submission,
    job_cancel,
    job_retry,
    job_submit,
    jobs_delete_old,
    jobs_of_person_withdraw,
)
from scheduler.jobs.services.running import (
    Run,
    job_cancelled,
    job_claim,
    job_failed,
    job_lease_extend,
    job_log,
    job_progress,
    job_succeeded,
    job_try_again,
    run_is_cancelled,
)
from scheduler.jobs.services.sweeping import (
    Sweep,
    jobs_reconcile,
    periodic_jobs_submit,
    process_gone,
    process_seen,
)

__all__ = [
    "Run",
    "Submission",
    "Sweep",
    "job_cancel",
    "job_cancelled",
    "job_claim",
    "job_failed",
    "job_lease_extend",
    "job_log",
    "job_progress",
    "job_retry",
    "job_submit",
    "job_succeeded",
    "job_try_again",
    "jobs_delete_old",
    "jobs_of_person_withdraw",
    "jobs_reconcile",
    "periodic_jobs_submit",
    "process_gone",
    "process_seen",
    "run_is_cancelled",
]
