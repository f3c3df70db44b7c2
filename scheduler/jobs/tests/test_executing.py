"""One run, from the hint to the outcome, as a worker does it."""

import threading
import time

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, OperationalError, connection
from django.utils.translation import get_language

from academy.platform.errors import InvalidInputError, TransientError
from scheduler.jobs import services
from scheduler.jobs.errors import JobCancelledError, JobLostError
from scheduler.jobs.models import Job, JobLogLine, Status
from scheduler.jobs.tasks import JobResult
from scheduler.jobs.tasks.running import execute

pytestmark = pytest.mark.usefixtures("for_threads")


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.PROGRESS_SECONDS = 0.2
    settings.CANCEL_POLL_SECONDS = 0.1


@pytest.fixture
def run(declare, alice):
    """Runs a function as a job of alice; returns the row afterwards."""

    def go(function, *, params=None, before=None, **more):
        kind = declare(function, **more)
        job = services.job_submit(kind=kind.name, params=params or {}, person_id=alice.pk).job
        if before:
            before(job)
        execute(kind, job_id=str(job.pk), worker="w1")
        job.refresh_from_db()
        return job

    return go


def effect(context):
    return lambda: JobLogLine.objects.create(job_id=context.job_id, attempt=1, text="effect")


def test_a_run_gets_its_params_and_leaves_its_result(run):
    def work(context, *, n):
        assert get_language() == "en"
        context.log(f"n is {n}")
        return JobResult(
            download_url="/f",
            file_size=3,
            content_type="a/b",
            extra={"n": n},
            commit=effect(context),
        )

    job = run(work, params={"n": 7})
    assert job.status == Status.SUCCEEDED
    assert job.result == {"download_url": "/f", "file_size": 3, "content_type": "a/b", "n": 7}
    assert list(job.log_lines.values_list("text", flat=True)) == ["n is 7", "effect"]
    assert job.worker.startswith("w1:")


def test_a_run_without_a_result_succeeds_too(run):
    assert run(lambda context: None).status == Status.SUCCEEDED


def test_a_foreseen_error_is_the_outcome_with_its_code(run):
    class BrokenError(InvalidInputError):
        """The lesson cannot be read."""

        code = "broken"

    def work(context):
        raise BrokenError

    job = run(work)
    assert (job.status, job.error_code) == (Status.FAILED, "broken")
    assert job.error_detail == "The lesson cannot be read."
    assert not job.traceback


def test_an_unforeseen_error_is_kept_for_the_operator_only(run):
    def work(context):
        raise LookupError("secret path")

    job = run(work)
    assert (job.status, job.error_code, job.error_detail) == (Status.FAILED, "unexpected", "")
    assert "secret path" in job.traceback


@pytest.mark.parametrize("error", [TransientError(), OperationalError("locked")])
def test_transient_errors_are_tried_again(run, error):
    def work(context):
        raise error

    assert run(work).status == Status.RETRYING


def test_the_last_transient_error_is_final(run):
    def work(context):
        raise TransientError

    assert run(work, max_attempts=1).status == Status.FAILED


def test_a_soft_time_limit_of_celery_is_a_time_limit(run):
    def work(context):
        raise SoftTimeLimitExceeded

    job = run(work)
    assert (job.status, job.error_code) == (Status.FAILED, "time_limit")


def test_work_beyond_its_soft_limit_stops_at_the_next_checkpoint(run):
    def work(context):
        while True:
            context.checkpoint()
            time.sleep(0.02)

    job = run(work, soft_time_limit_seconds=0.3)
    assert (job.status, job.error_code) == (Status.FAILED, "time_limit")


def test_a_commit_that_fails_leaves_no_success(run):
    def work(context):
        def commit():
            effect(context)()
            raise IntegrityError("twice")

        return JobResult(commit=commit)

    job = run(work)
    assert (job.status, job.error_code) == (Status.FAILED, "unexpected")
    assert not JobLogLine.objects.exists()


def test_a_cancel_stops_the_run_at_its_next_checkpoint(run, alice):
    def work(context):
        services.job_cancel(job_id=context.job_id, acting_user=alice)
        while True:
            context.checkpoint()
            time.sleep(0.02)

    started = time.monotonic()
    assert run(work).status == Status.CANCELLED
    assert time.monotonic() - started < 5


def test_a_run_that_never_looks_up_is_cancelled_when_it_ends(run, alice):
    def work(context):
        services.job_cancel(job_id=context.job_id, acting_user=alice)
        return JobResult(commit=effect(context))

    job = run(work)
    assert job.status == Status.CANCELLED
    assert job.crash_count == 0
    assert job.result is None
    assert not JobLogLine.objects.exists()


def test_code_that_handles_academy_errors_does_not_swallow_a_cancel(run, alice):
    def work(context):
        services.job_cancel(job_id=context.job_id, acting_user=alice)
        while True:
            try:
                context.checkpoint()
            except InvalidInputError:
                continue
            except JobCancelledError:
                raise
            time.sleep(0.02)

    assert run(work).status == Status.CANCELLED


def test_a_run_that_lost_its_job_leaves_it_to_the_other(run):
    def work(context):
        Job.objects.filter(pk=context.job_id).update(fence=99)
        while True:
            context.checkpoint()
            time.sleep(0.02)

    job = run(work)
    assert (job.status, job.fence, job.error_code) == (Status.RUNNING, 99, "")


def test_a_frozen_run_notices_that_its_lease_is_over(run, settings):
    settings.LEASE_SECONDS = 0.4
    settings.HEARTBEAT_SECONDS = 60
    seen = []

    def work(context):
        time.sleep(1)
        try:
            context.checkpoint()
        except JobLostError:
            seen.append("lost")
            raise

    run(work)
    assert seen == ["lost"]


def test_a_heartbeat_keeps_the_lease_of_long_work(run, settings):
    settings.LEASE_SECONDS = 0.8
    settings.HEARTBEAT_SECONDS = 0.2
    crashed = []

    def work(context):
        for _ in range(8):
            time.sleep(0.2)
            crashed.append(services.jobs_reconcile().crashed)
            context.checkpoint()

    assert run(work).status == Status.SUCCEEDED
    assert sum(crashed) == 0


@pytest.mark.parametrize(("lane", "longest"), [("io", 6), ("interactive", 8)])
def test_the_lease_ends_with_the_hard_time_limit(lane, longest, run, settings):
    settings.LEASE_SECONDS = 30
    settings.HEARTBEAT_SECONDS = 0.2
    left = []

    def work(context):
        time.sleep(0.7)
        row = Job.objects.annotate(now=services.running.Now()).get(pk=context.job_id)
        left.append((row.lease_until - row.now).total_seconds())

    run(work, lane=lane, soft_time_limit_seconds=5, hard_time_limit_seconds=6)
    assert longest - 2 <= left[0] <= longest


def test_progress_is_stored_row_first_at_most_so_often_and_never_falls(run):
    seen = []

    def work(context):
        for percent in [5, 3, *range(0, 100, 2)]:
            context.report(percent, "Step")
            row = Job.objects.get(pk=context.job_id)
            seen.append((row.progress, row.seq))
            time.sleep(0.02)

    started = time.monotonic()
    run(work)
    seconds = time.monotonic() - started
    assert [p for p, _ in seen] == sorted(p for p, _ in seen)
    assert [s for _, s in seen] == sorted(s for _, s in seen)
    stored = len(set(seen))
    assert 3 <= stored <= seconds / 0.2 + 2


def test_the_last_progress_before_a_long_step_is_shown_during_it(run):
    seen = []

    def work(context):
        context.report(10, "One")
        context.report(60, "Two")
        time.sleep(0.8)
        row = Job.objects.get(pk=context.job_id)
        seen.append((row.progress, row.step))

    run(work)
    assert seen == [(60, "Two")]


def test_work_never_claims_to_be_done(run):
    seen = []

    def work(context):
        for percent in (-5, 250):
            context.report(percent, "x")
            time.sleep(0.5)
            seen.append(Job.objects.get(pk=context.job_id).progress)

    run(work)
    assert seen == [0, 99]


def test_progress_stands_although_the_work_is_in_a_transaction_that_rolls_back(run, settings):
    seen = []

    def work(context):
        context.report(50, "Half")
        time.sleep(0.3)
        raise LookupError

    job = run(work)
    assert (job.progress, job.status) == (50, Status.FAILED)
    assert seen == []


def test_a_job_that_is_gone_when_its_hint_comes_is_nobodys_business(run):
    ran = []
    kind_ran = lambda context: ran.append(1)  # noqa: E731
    with pytest.raises(Job.DoesNotExist):
        run(kind_ran, before=lambda job: Job.objects.filter(pk=job.pk).delete())
    assert ran == []


def test_a_cancelled_job_is_not_begun(run, alice):
    ran = []
    job = run(
        lambda context: ran.append(1),
        before=lambda job: services.job_cancel(job_id=job.pk, acting_user=alice),
    )
    assert ran == []
    assert job.status == Status.CANCELLED


def test_the_same_hint_to_two_workers_is_one_effect(declare, alice):
    ran = []

    def work(context):
        ran.append(1)
        time.sleep(0.2)
        return JobResult(commit=effect(context))

    kind = declare(work)
    job = services.job_submit(kind=kind.name, params={}, person_id=alice.pk).job
    barrier = threading.Barrier(3)

    def worker(number):
        barrier.wait(10)
        execute(kind, job_id=str(job.pk), worker=f"w{number}")
        connection.close()

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert ran == [1]
    assert JobLogLine.objects.filter(text="effect").count() == 1
