"""Claim, fence, lease, outcome: each write proves that the run owns the job."""

import threading

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from scheduler.jobs import services
from scheduler.jobs.models import Job, JobLogLine, JobWatch, Status
from scheduler.jobs.services import Run

pytestmark = pytest.mark.django_db


def fresh(job):
    return Job.objects.get(pk=job.pk)


def in_threads(act, count):
    """What `act` returned or raised on each of so many threads that start together."""
    barrier = threading.Barrier(count)
    found = []

    def go(number):
        try:
            barrier.wait(10)
            found.append(act(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_a_claim_counts_the_attempt_and_raises_the_fence(ask, claim):
    job = ask()
    run = claim(job)
    row = fresh(job)
    assert (row.status, row.attempt, row.fence, row.seq) == (Status.RUNNING, 1, 1, 2)
    assert row.worker == "w1"
    assert row.started_at is not None
    assert (row.lease_until - row.started_at).total_seconds() == pytest.approx(30, abs=0.1)
    assert run == Run(job_id=job.pk, fence=1)


def test_a_second_hint_finds_nothing_to_claim(ask, claim):
    job = ask()
    assert claim(job)
    assert claim(job) is None
    assert fresh(job).attempt == 1


def test_the_hint_of_a_job_that_is_gone_is_dropped(ask, claim):
    job = ask()
    Job.objects.all().delete()
    assert claim(job) is None


def test_a_job_is_not_claimed_before_it_is_due(ask, claim, shift):
    job = ask()
    shift(job, run_at=5)
    assert claim(job) is None
    shift(job, run_at=-6)
    assert claim(job)


@pytest.mark.parametrize("outcome", ["succeeded", "failed", "cancelled"])
def test_a_finished_job_is_never_claimed(outcome, ask, claim, alice):
    job = ask(alice)
    if outcome == "cancelled":
        services.job_cancel(job_id=job.pk, acting_user=alice)
    else:
        run = claim(job)
        if outcome == "succeeded":
            services.job_succeeded(run=run, result={})
        else:
            services.job_failed(run=run, code="x")
    assert fresh(job).status == outcome
    assert claim(job) is None


def test_one_person_runs_three_jobs_and_no_fourth(ask, claim, alice, bob, settings):
    jobs = [ask(alice) for _ in range(5)]
    runs = [claim(job) for job in jobs]
    assert [run is not None for run in runs] == [True, True, True, False, False]
    assert fresh(jobs[3]).status == Status.QUEUED
    assert claim(ask(bob))
    services.job_succeeded(run=runs[0], result={})
    assert claim(jobs[3])
    assert claim(jobs[4]) is None


def test_the_systems_jobs_have_no_personal_limit(ask, claim):
    assert all(claim(ask()) for _ in range(6))


def test_a_shared_job_runs_as_long_as_one_watcher_is_below_the_limit(ask, claim, alice, bob):
    for _ in range(3):
        claim(ask(alice))
    shared = ask(alice, dedup_key="pdf:1")
    assert claim(shared) is None
    ask(bob, dedup_key="pdf:1")
    assert claim(shared)


def test_who_withdrew_does_not_count_as_a_watcher_below_the_limit(ask, claim, alice, bob):
    for _ in range(3):
        claim(ask(alice))
    shared = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    services.job_cancel(job_id=shared.pk, acting_user=bob)
    assert claim(shared) is None


def test_a_hint_to_two_workers_is_one_run(for_threads, ask, claim, alice):
    for _ in range(10):
        job = ask(alice)
        runs = in_threads(lambda number, job=job: claim(job, worker=f"w{number}"), 4)
        assert len(runs) == 4
        won = [run for run in runs if run]
        assert len(won) == 1
        services.job_succeeded(run=won[0], result={})


def test_claims_of_one_person_at_once_stay_within_three(for_threads, ask, claim, alice, settings):
    jobs = [ask(alice) for _ in range(8)]
    runs = in_threads(lambda number: claim(jobs[number]), 8)
    assert len(runs) == 8
    assert sum(run is not None for run in runs) == 3
    assert Job.objects.filter(status=Status.RUNNING).count() == 3


def test_the_same_flight_asked_for_by_many_at_once_is_one_job(for_threads, ask, alice, bob, carol):
    people = [alice, bob, carol, alice, bob, carol]
    jobs = in_threads(lambda number: ask(people[number], dedup_key="pdf:1").pk, 6)
    assert len(jobs) == 6
    assert len(set(jobs)) == 1
    assert JobWatch.objects.count() == 3


def test_submissions_of_one_person_at_once_stay_within_the_limit(for_threads, ask, alice, settings):
    settings.JOBS_QUEUED_PER_OWNER = 5

    def submit(number):
        try:
            return ask(alice)
        except services.asking.QueueFullError:
            return None

    made = in_threads(submit, 10)
    assert len(made) == 10
    assert sum(job is not None for job in made) == Job.objects.count() == 5


def test_a_late_finisher_writes_nothing(ask, claim, shift):
    job = ask()
    late = claim(job)
    shift(job, lease_until=-1)
    services.jobs_reconcile()
    newer = claim(job)
    assert newer.fence > late.fence
    written = []
    assert not services.job_succeeded(
        run=late, result={"by": "late"}, commit=lambda: written.append(1)
    )
    assert not services.job_progress(run=late, percent=90, step="late")
    assert not services.job_failed(run=late, code="late")
    assert not services.job_cancelled(run=late)
    assert not services.job_try_again(run=late, code="late")
    assert not services.job_lease_extend(run=late, lease_seconds=30)
    assert services.run_is_cancelled(run=late) is None
    assert written == []
    row = fresh(job)
    assert (row.status, row.fence, row.error_code, row.result) == (
        Status.RUNNING,
        newer.fence,
        "",
        None,
    )


def test_a_heartbeat_moves_the_end_of_the_lease(ask, claim, shift):
    job = ask()
    run = claim(job)
    shift(job, lease_until=1)
    assert services.job_lease_extend(run=run, lease_seconds=30)
    left = Job.objects.filter(pk=job.pk).annotate(now=Now()).get()
    assert (left.lease_until - left.now).total_seconds() == pytest.approx(30, abs=0.5)


def test_progress_stands_on_the_row_and_raises_seq(ask, claim):
    job = ask()
    run = claim(job)
    seqs = [fresh(job).seq]
    for percent in (10, 40, 99):
        assert services.job_progress(run=run, percent=percent, step="Laying out" * 50)
        row = fresh(job)
        assert row.progress == percent
        assert row.step == ("Laying out" * 50)[:200]
        seqs.append(row.seq)
    assert seqs == sorted(set(seqs))


def test_success_stands_with_what_it_commits(ask, claim):
    job = ask()
    run = claim(job)

    def commit():
        JobLogLine.objects.create(job_id=job.pk, attempt=1, text="effect")
        assert connection.in_atomic_block

    assert services.job_succeeded(run=run, result={"download_url": "/x"}, commit=commit)
    row = fresh(job)
    assert (row.status, row.progress, row.lease_until) == (Status.SUCCEEDED, 100, None)
    assert row.finished_at is not None
    assert JobLogLine.objects.get().text == "effect"


def test_when_the_commit_fails_the_job_has_not_succeeded(ask, claim):
    job = ask()
    run = claim(job)

    def commit():
        JobLogLine.objects.create(job_id=job.pk, attempt=1, text="effect")
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        services.job_succeeded(run=run, result={}, commit=commit)
    assert fresh(job).status == Status.RUNNING
    assert not JobLogLine.objects.exists()


def test_after_a_cancel_nothing_is_committed(ask, claim, alice):
    job = ask(alice)
    run = claim(job)
    services.job_cancel(job_id=job.pk, acting_user=alice)
    written = []
    assert not services.job_succeeded(run=run, result={}, commit=lambda: written.append(1))
    assert written == []


@pytest.mark.parametrize("end", [services.job_failed, services.job_try_again])
def test_a_cancelled_run_that_fails_is_cancelled(end, ask, claim, alice):
    job = ask(alice)
    run = claim(job)
    services.job_cancel(job_id=job.pk, acting_user=alice)
    assert end(run=run, code="broken")
    assert fresh(job).status == Status.CANCELLED


def test_a_run_is_cancelled_only_where_somebody_asked(ask, claim):
    job = ask()
    assert not services.job_cancelled(run=claim(job))
    assert fresh(job).status == Status.RUNNING


def test_a_transient_failure_waits_longer_each_time_and_ends(ask, claim, shift, settings):
    settings.RETRY_BASE_SECONDS = 4
    settings.RETRY_MAX_SECONDS = 300
    job = ask()
    waits = []
    for _ in range(2):
        assert services.job_try_again(run=claim(job), code="try_again", detail="busy")
        row = Job.objects.annotate(now=Now()).get(pk=job.pk)
        assert (row.status, row.lease_until, row.hinted_at) == (Status.RETRYING, None, None)
        waits.append((row.run_at - row.now).total_seconds())
        assert claim(job) is None
        shift(job, run_at=-20)
    assert waits[0] + 0.1 >= 2
    assert waits[0] <= 4
    assert waits[1] + 0.1 >= 4
    assert waits[1] <= 8
    assert services.job_try_again(run=claim(job), code="try_again", detail="busy")
    row = fresh(job)
    assert (row.status, row.error_code, row.error_detail) == (Status.FAILED, "try_again", "busy")


def test_a_retry_waits_no_longer_than_the_longest_wait(declare, ask, claim, shift, settings):
    settings.RETRY_BASE_SECONDS, settings.RETRY_MAX_SECONDS = 2, 10
    job = ask(kind=declare(max_attempts=40).name)
    for _ in range(30):
        services.job_try_again(run=claim(job), code="try_again")
        row = Job.objects.annotate(now=Now()).get(pk=job.pk)
        assert (row.run_at - row.now).total_seconds() <= 10
        shift(job, run_at=-20)


def test_who_says_when_to_come_back_is_believed(ask, claim):
    job = ask()
    services.job_try_again(run=claim(job), code="try_again", retry_after_seconds=120)
    row = Job.objects.annotate(now=Now()).get(pk=job.pk)
    assert (row.run_at - row.now).total_seconds() == pytest.approx(120, abs=1)


def test_crashes_do_not_use_up_the_tries_for_transient_failures(ask, claim, shift):
    job = ask()
    for _ in range(2):
        claim(job)
        shift(job, lease_until=-1)
        services.jobs_reconcile()
    services.job_try_again(run=claim(job), code="try_again")
    row = fresh(job)
    assert (row.status, row.attempt, row.crash_count) == (Status.RETRYING, 3, 2)


def test_progress_begins_again_with_a_new_run(ask, claim, shift):
    job = ask()
    services.job_progress(run=claim(job), percent=80, step="Nearly")
    shift(job, lease_until=-1)
    services.jobs_reconcile()
    claim(job)
    assert (fresh(job).progress, fresh(job).step) == (0, "")


def test_of_a_jobs_log_the_newest_lines_are_kept(ask, claim, settings):
    settings.JOB_LOG_LINES = 20
    job, other = ask(), ask()
    services.job_log(run=claim(other), attempt=1, text="of another")
    run = claim(job)
    for number in range(50):
        services.job_log(run=run, attempt=1, text=f"{number} " + "日" * 2000)
    texts = list(JobLogLine.objects.filter(job=job).values_list("text", flat=True))
    assert [int(text.split()[0]) for text in texts] == list(range(30, 50))
    assert {len(text) for text in texts} == {1000}
    assert JobLogLine.objects.filter(job=other).count() == 1
    assert settings.JOB_LOG_LINES == 20


def test_two_hundred_log_lines_are_kept_by_default(settings):
    assert settings.JOB_LOG_LINES == 200


def test_a_traceback_is_kept_to_its_end(ask, claim):
    job = ask()
    services.job_failed(run=claim(job), code="x", traceback="a" * 30_000 + "the end")
    assert len(fresh(job).traceback) == 20_000
    assert fresh(job).traceback.endswith("the end")
