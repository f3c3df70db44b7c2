"""Asking for jobs: one row, one flight, fair limits."""

import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from academy.platform.observability.correlation import correlated
from scheduler.jobs import selectors, services
from scheduler.jobs.errors import (
    LaneFullError,
    ParamsTooLargeError,
    QueueFullError,
    UnknownKindError,
)
from scheduler.jobs.models import Job, JobWatch, Status

pytestmark = pytest.mark.django_db


def inserts(queries, table):
    return [q for q in queries if q["sql"].startswith(f'INSERT INTO "{table}"')]


def test_a_submission_is_one_insert_of_the_job(ask, alice):
    with CaptureQueriesContext(connection) as queries:
        job = ask(alice, params={"lesson_id": 1}, title="Lesson", subject="lesson:1")
    assert len(inserts(queries.captured_queries, "scheduler_job")) == 1
    assert len(inserts(queries.captured_queries, "scheduler_jobwatch")) == 1
    assert (job.status, job.seq, job.attempt, job.fence) == (Status.QUEUED, 1, 0, 0)
    assert Job.objects.get().params == {"lesson_id": 1}


def test_the_cost_of_a_submission_does_not_grow_with_what_waits(ask, alice, bob):
    with CaptureQueriesContext(connection) as first:
        ask(alice)
    for _ in range(10):
        ask(bob)
    with CaptureQueriesContext(connection) as later:
        ask(alice)
    assert len(later) == len(first) <= 12


def test_nothing_is_hinted_before_the_commit(ask, alice, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        ask(alice)
        assert callbacks == []
    assert len(callbacks) == 1


def test_a_submission_that_is_rolled_back_leaves_nothing(
    ask, alice, django_capture_on_commit_callbacks
):
    def submit_and_fail():
        with transaction.atomic():
            ask(alice)
            raise LookupError

    with django_capture_on_commit_callbacks() as callbacks, pytest.raises(LookupError):
        submit_and_fail()
    assert callbacks == []
    assert not Job.objects.exists()


def test_params_may_have_16_kib_and_no_more(ask):
    room = 16 * 1024 - len('{"text": ""}')
    ask(params={"text": "x" * room})
    with pytest.raises(ParamsTooLargeError):
        ask(params={"text": "x" * (room + 1)})
    assert Job.objects.count() == 1


def test_an_unknown_kind_is_refused(db):
    with pytest.raises(UnknownKindError):
        services.job_submit(kind="no.such", params={}, person_id=None)


def test_titles_of_any_language_are_kept_up_to_300_characters(ask):
    job = ask(title="خ日🎓" * 200)
    assert Job.objects.get(pk=job.pk).title == ("خ日🎓" * 200)[:300]


def test_the_same_flight_is_joined(ask, alice, bob):
    first = ask(alice, dedup_key="pdf:1")
    second = ask(bob, dedup_key="pdf:1")
    assert second.pk == first.pk
    watchers = set(JobWatch.objects.values_list("person_id", flat=True))
    assert watchers == {alice.pk, bob.pk}
    assert first in selectors.jobs_visible_to(bob)


def test_joining_twice_is_one_watch(ask, alice):
    ask(alice, dedup_key="pdf:1")
    again = services.job_submit(
        kind=Job.objects.get().kind, params={}, person_id=alice.pk, dedup_key="pdf:1"
    )
    assert again.joined
    assert JobWatch.objects.count() == 1


def test_without_a_key_nothing_is_joined(ask, alice):
    assert ask(alice).pk != ask(alice).pk


def test_a_running_job_that_is_being_cancelled_is_nobodys_to_join(ask, claim, alice, bob):
    first = ask(alice, dedup_key="pdf:1")
    claim(first)
    services.job_cancel(job_id=first.pk, acting_user=alice)
    second = ask(bob, dedup_key="pdf:1")
    assert second.pk != first.pk
    assert Job.objects.get(pk=first.pk).status == Status.RUNNING


def test_a_finished_job_is_not_joined(ask, claim, alice):
    first = ask(alice, dedup_key="pdf:1")
    services.job_succeeded(run=claim(first), result={})
    assert ask(alice, dedup_key="pdf:1").pk != first.pk


def test_who_withdrew_may_join_again_and_sees_no_older_state(ask, alice, bob):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    services.job_cancel(job_id=job.pk, acting_user=bob)
    cancelled = selectors.status_document(job, person_id=bob.pk)
    ask(bob, dedup_key="pdf:1")
    joined = selectors.status_document(job, person_id=bob.pk)
    assert (cancelled["status"], joined["status"]) == ("cancelled", "queued")
    assert joined["seq"] > cancelled["seq"]


def test_a_21st_waiting_job_of_one_person_is_refused_for_a_while(ask, alice, bob, settings):
    for _ in range(settings.JOBS_QUEUED_PER_OWNER):
        ask(alice)
    with pytest.raises(QueueFullError) as refusal:
        ask(alice)
    assert refusal.value.http_status == 429
    assert refusal.value.retry_after_seconds > 0
    ask(bob)


def test_joining_counts_once_against_the_limit_of_who_joins(ask, alice, bob, settings):
    settings.JOBS_QUEUED_PER_OWNER = 2
    shared = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    ask(bob)
    with pytest.raises(QueueFullError):
        ask(bob)
    services.job_cancel(job_id=shared.pk, acting_user=bob)
    ask(bob)


def test_a_full_queue_may_not_be_passed_by_joining(ask, alice, bob, settings):
    settings.JOBS_QUEUED_PER_OWNER = 1
    ask(alice, dedup_key="pdf:1")
    ask(bob)
    with pytest.raises(QueueFullError):
        ask(bob, dedup_key="pdf:1")


def test_a_lane_takes_no_more_than_its_depth(ask, declare, alice, settings):
    settings.LANE_DEPTH = 2
    other = declare(lane="bulk")
    ask()
    ask()
    with pytest.raises(LaneFullError) as refusal:
        ask(alice)
    assert refusal.value.http_status == 503
    assert refusal.value.retry_after_seconds > 0
    services.job_submit(kind=other.name, params={}, person_id=alice.pk)


def test_a_lane_whose_first_waits_too_long_takes_nothing_new(ask, alice, shift, settings):
    job = ask()
    shift(job, run_at=-(settings.LANE_OLDEST_SECONDS + 5))
    with pytest.raises(LaneFullError) as refusal:
        ask(alice)
    assert 0 < refusal.value.retry_after_seconds <= 60


def test_what_follows_from_a_change_is_never_refused(declare, alice, shift, settings):
    settings.LANE_DEPTH = 1
    kind = declare()
    first = services.job_submit(kind=kind.name, params={}, person_id=None).job
    shift(first, run_at=-(settings.LANE_OLDEST_SECONDS + 5))
    asked = services.job_submit(kind=kind.name, params={}, person_id=None, is_consequence=True)
    assert not asked.joined
    for person_id in (alice.pk, None):
        with pytest.raises(LaneFullError):
            services.job_submit(kind=kind.name, params={}, person_id=person_id)


def test_the_backlog_of_one_person_closes_no_lane_to_others(ask, alice, bob, shift, settings):
    ask(alice)
    backlog = ask(alice)
    assert backlog.priority > 0
    shift(backlog, run_at=-(settings.LANE_OLDEST_SECONDS + 5))
    ask(bob)


def test_the_more_one_has_the_later_comes_the_next(ask, alice):
    assert [ask(alice).priority for _ in range(12)] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9]


def test_twenty_jobs_of_one_delay_anothers_first_only_by_those_that_run(ask, claim, alice, bob):
    mine = [ask(alice) for _ in range(20)]
    for job in mine[:2]:
        assert claim(job)
    his = ask(bob)
    assert selectors.queue_positions([his])[his.pk] == 1
    assert next(iter(selectors.waiting_in("interactive"))).pk == his.pk


def test_joining_lifts_a_job_to_the_place_of_who_joins(ask, alice, bob):
    for _ in range(5):
        ask(alice)
    late = ask(alice, dedup_key="pdf:1")
    assert late.priority == 5
    assert ask(bob, dedup_key="pdf:1").priority == 0


def test_joining_never_lowers_a_job(ask, alice, bob):
    for _ in range(5):
        ask(alice)
    first = ask(bob, dedup_key="pdf:1")
    assert ask(alice, dedup_key="pdf:1").priority == first.priority == 0


def test_place_in_line_is_the_order_in_which_jobs_run(ask, alice, bob, carol, shift):
    jobs = [ask(person) for person in (alice, alice, bob, bob, carol) for _ in range(2)]
    for number, job in enumerate(jobs):
        shift(job, run_at=-(number * 7 % 5) - 1)
    order = [job.pk for job in selectors.waiting_in("interactive")]
    jobs = list(Job.objects.all())
    together = selectors.queue_positions(jobs)
    assert {job.pk: order.index(job.pk) + 1 for job in jobs} == together
    for job in jobs:
        assert selectors.queue_positions([job])[job.pk] == together[job.pk]


def test_the_only_job_is_first_in_line(ask):
    job = ask()
    assert selectors.queue_positions([job]) == {job.pk: 1}


def test_a_job_between_two_tries_is_not_in_line_yet(ask, claim):
    first, second = ask(), ask()
    for job in (first, second):
        services.job_try_again(run=claim(job), code="busy", retry_after_seconds=60)
    jobs = list(Job.objects.all())
    assert selectors.queue_positions(jobs) == selectors.queue_positions(jobs[:1]) == {}


def test_a_running_or_cancelled_job_has_no_place_in_line(ask, claim, alice):
    running, cancelled = ask(alice), ask(alice)
    claim(running)
    services.job_cancel(job_id=cancelled.pk, acting_user=alice)
    assert selectors.queue_positions(list(Job.objects.all())) == {}


def test_the_correlation_id_of_the_request_goes_with_the_job(ask):
    with correlated("req-1"):
        assert ask().correlation_id == "req-1"


def test_a_kind_says_how_often_it_is_tried(declare):
    kind = declare(max_attempts=7)
    job = services.job_submit(kind=kind.name, params={}, person_id=None).job
    assert job.max_attempts == 7
    assert isinstance(job.pk, uuid.UUID)
