"""What beat does with rows alone."""

import threading

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from academy.platform.caching.instances import queue_client
from scheduler.jobs import kinds, selectors, services
from scheduler.jobs.errors import JobNotFoundError
from scheduler.jobs.models import Job, Process, Status

pytestmark = pytest.mark.django_db


def fresh(job):
    return Job.objects.get(pk=job.pk)


def crash(job, claim, shift):
    assert claim(job)
    shift(job, lease_until=-0.5)


def test_a_lost_lease_counts_a_crash_and_the_job_waits_again(ask, claim, shift):
    job = ask()
    crash(job, claim, shift)
    before = fresh(job).seq
    assert services.jobs_reconcile().crashed == 1
    row = fresh(job)
    assert (row.status, row.crash_count, row.lease_until) == (Status.RETRYING, 1, None)
    assert row.seq > before
    assert claim(job)


def test_a_lease_that_holds_is_left_alone(ask, claim):
    job = ask()
    claim(job)
    assert services.jobs_reconcile().crashed == 0
    assert fresh(job).status == Status.RUNNING


def test_the_third_crash_is_the_end(ask, claim, shift):
    job = ask()
    for number in (1, 2, 3):
        crash(job, claim, shift)
        sweep = services.jobs_reconcile()
        assert sweep.died == (number == 3)
    row = fresh(job)
    assert (row.status, row.crash_count, row.error_code) == (Status.DEAD, 3, "crashed")
    assert row.finished_at is not None
    assert claim(job) is None
    error = selectors.status_document(job, person_id=None)["error"]
    assert error["code"] == "crashed"
    assert error["detail"]


def test_a_cancelled_run_whose_worker_died_is_cancelled(ask, claim, shift, alice):
    job = ask(alice)
    crash(job, claim, shift)
    services.job_cancel(job_id=job.pk, acting_user=alice)
    services.jobs_reconcile()
    assert fresh(job).status == Status.CANCELLED


def test_a_crash_that_was_hinted_at_once_needs_no_second_sweep(ask, claim, shift):
    job = ask()
    crash(job, claim, shift)
    assert services.jobs_reconcile().hinted == 1


def test_a_job_is_hinted_again_when_nobody_came(ask, shift, settings):
    job = ask()
    assert services.jobs_reconcile().hinted == 0
    shift(job, hinted_at=-(settings.HINT_SECONDS + 1))
    assert services.jobs_reconcile().hinted == 1
    assert services.jobs_reconcile().hinted == 0


def test_what_is_not_due_or_not_waiting_gets_no_hint(ask, claim, shift, alice, settings):
    later, running, cancelled = ask(), ask(), ask(alice)
    shift(later, run_at=60)
    claim(running)
    services.job_cancel(job_id=cancelled.pk, acting_user=alice)
    Job.objects.update(hinted_at=None)
    assert services.jobs_reconcile().hinted == 0


def test_one_sweep_hints_the_first_200_in_line(ask, settings):
    assert settings.HINTS_PER_SWEEP == 200
    settings.HINTS_PER_SWEEP = 4
    jobs = [ask() for _ in range(10)]
    for number, job in enumerate(jobs):
        Job.objects.filter(pk=job.pk).update(priority=9 - number, hinted_at=None)
    assert services.jobs_reconcile().hinted == 4
    hinted = set(Job.objects.filter(hinted_at__isnull=False).values_list("pk", flat=True))
    assert hinted == {job.pk for job in jobs[-4:]}
    assert services.jobs_reconcile().hinted == 4


def test_hints_do_not_pile_up_before_workers_that_are_busy(ask, shared_cache, settings):
    settings.QUEUE_URL, settings.HINTS_PER_SWEEP = shared_cache.url, 4
    queue_client().flushall()
    for _ in range(6):
        ask()
    Job.objects.update(hinted_at=None)
    queue_client().rpush("interactive", *range(7))
    assert services.jobs_reconcile().hinted == 1
    queue_client().rpush("interactive", "x")
    assert services.jobs_reconcile().hinted == 0
    queue_client().flushall()
    assert services.jobs_reconcile().hinted == 4


def test_two_sweeps_at_once_count_a_crash_once(for_threads, ask, claim, shift):
    jobs = [ask() for _ in range(12)]
    for job in jobs:
        crash(job, claim, shift)
    barrier = threading.Barrier(3)
    sweeps = []

    def sweep():
        try:
            barrier.wait(10)
            sweeps.append(services.jobs_reconcile())
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(sweep.crashed for sweep in sweeps) == len(jobs)
    assert set(Job.objects.values_list("crash_count", "status")) == {(1, "retrying")}


def test_a_kind_that_nobody_knows_is_refused_after_a_while(declare, ask, shift):
    job = ask(kind=declare(name="test.gone").name)
    kinds.forget("test.gone")
    services.jobs_reconcile()
    assert fresh(job).status == Status.QUEUED
    shift(job, run_at=-700)
    services.jobs_reconcile()
    row = fresh(job)
    assert (row.status, row.error_code) == (Status.FAILED, "unknown_kind")
    document = selectors.status_document(job, person_id=None)
    assert document["error"]["detail"]
    assert document["title"] == "test.gone"


@pytest.fixture
def beat(db):
    services.process_seen(name="beat@1", role="beat", lanes=[], pid=1)


def test_a_periodic_kind_is_asked_for_once_in_its_period(beat, declare, claim):
    kind = declare(every_seconds=10**9)
    others = services.periodic_jobs_submit()
    assert others >= 1
    assert services.periodic_jobs_submit() == 0
    job = Job.objects.get(kind=kind.name)
    services.job_succeeded(run=claim(job), result={})
    assert services.periodic_jobs_submit() == 0


def test_two_beats_ask_once(for_threads, beat, declare):
    kind = declare(every_seconds=10**9)
    barrier = threading.Barrier(4)

    def go():
        try:
            barrier.wait(10)
            services.periodic_jobs_submit()
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Job.objects.filter(kind=kind.name).count() == 1


def test_the_next_period_asks_again(beat, declare, claim, settings):
    kind = declare(every_seconds=0.05)
    services.periodic_jobs_submit()
    services.job_succeeded(run=claim(Job.objects.get(kind=kind.name)), result={})
    deadline = 200
    while Job.objects.filter(kind=kind.name).count() < 2 and deadline:
        services.periodic_jobs_submit()
        deadline -= 1
    assert Job.objects.filter(kind=kind.name).count() == 2


def test_a_full_lane_puts_the_periodic_job_off_but_does_not_lose_it(beat, declare, ask, settings):
    kind = declare(every_seconds=10**9, lane="maintenance")
    settings.LANE_DEPTH = 1
    filler = ask(kind=declare(lane="maintenance").name)
    services.periodic_jobs_submit()
    assert not Job.objects.filter(kind=kind.name).exists()
    Job.objects.filter(pk=filler.pk).delete()
    settings.LANE_DEPTH = 100
    services.periodic_jobs_submit()
    assert Job.objects.filter(kind=kind.name).exists()


def test_old_jobs_go_with_their_logs_and_the_dead_stay(ask, claim, shift):
    old, dead, young, waiting = ask(), ask(), ask(), ask()
    for job in (old, young, dead):
        run = claim(job)
        services.job_log(run=run, attempt=1, text="x")
        services.job_succeeded(run=run, result={})
    Job.objects.filter(pk=dead.pk).update(status=Status.DEAD)
    for job in (old, dead):
        shift(job, finished_at=-1000)
    shift(waiting, created_at=-10_000, run_at=-1)
    assert services.jobs_delete_old(older_than_seconds=500) == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {dead.pk, young.pk, waiting.pk}


def test_old_jobs_go_a_few_at_a_time(ask, claim, shift):
    for _ in range(5):
        job = ask()
        services.job_succeeded(run=claim(job), result={})
        shift(job, finished_at=-1000)
    removed = [services.jobs_delete_old(older_than_seconds=500, at_most=2) for _ in range(4)]
    assert removed == [2, 2, 1, 0]


def test_a_retry_outlives_the_job_that_it_retries(ask, claim, shift, alice):
    job = ask(alice)
    services.job_failed(run=claim(job), code="x")
    again = services.job_retry(job_id=job.pk, acting_user=alice).job
    shift(job, finished_at=-1000)
    services.jobs_delete_old(older_than_seconds=500)
    assert fresh(again).retry_of_id is None
    with pytest.raises(JobNotFoundError):
        services.job_retry(job_id=job.pk, acting_user=alice)


def test_processes_say_when_they_were_seen_and_are_forgotten(db):
    services.process_seen(name="a", role="worker", lanes=["io"], pid=1)
    Process.objects.update(seen_at=Now() - services.sweeping.timedelta(hours=2))
    services.process_seen(name="b", role="worker", lanes=["io"], pid=2)
    assert list(Process.objects.values_list("name", flat=True)) == ["b"]
    services.process_gone(name="b")
    services.process_gone(name="b")
    assert not Process.objects.exists()


def test_how_long_a_job_will_take_comes_from_its_like(ask, claim, alice):
    def history(subject, seconds):
        job = ask(subject=subject)
        services.job_succeeded(run=claim(job), result={})
        Job.objects.filter(pk=job.pk).update(
            started_at=F("finished_at") - services.running.timedelta(seconds=seconds)
        )

    def guess(job):
        return selectors.status_document(job, person_id=None)["estimated_remaining_seconds"]

    first = ask(subject="lesson:1")
    assert guess(first) is None
    selectors.estimates._known.clear()
    history("lesson:1", 20)
    history("lesson:2", 60)
    history("lesson:3", 60)
    assert guess(first) == pytest.approx(20, abs=0.1)
    second = ask(subject="lesson:9")
    assert guess(second) == pytest.approx(60 + 60, abs=0.1)
    claim(first)
    assert guess(first) == pytest.approx(20, abs=1)
    Job.objects.filter(pk=first.pk).update(
        started_at=F("started_at") - services.running.timedelta(seconds=90)
    )
    assert guess(first) is None
