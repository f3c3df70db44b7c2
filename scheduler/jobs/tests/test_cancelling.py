"""Cancelling and trying again."""

import uuid

import pytest

from scheduler.jobs import kinds, selectors, services
from scheduler.jobs.errors import (
    CannotCancelError,
    CannotRetryError,
    JobNotFoundError,
    QueueFullError,
)
from scheduler.jobs.models import Job, JobWatch, Status

pytestmark = pytest.mark.django_db


def fresh(job):
    return Job.objects.get(pk=job.pk)


def test_a_waiting_job_is_cancelled_at_once(ask, alice):
    job = ask(alice)
    cancelled = services.job_cancel(job_id=job.pk, acting_user=alice)
    assert cancelled.status == Status.CANCELLED
    assert cancelled.finished_at is not None
    assert cancelled.seq > job.seq


def test_a_running_job_gets_the_flag_and_goes_on_to_its_next_checkpoint(ask, claim, alice):
    job = ask(alice)
    run = claim(job)
    assert services.run_is_cancelled(run=run) is False
    cancelled = services.job_cancel(job_id=job.pk, acting_user=alice)
    assert cancelled.status == Status.RUNNING
    assert cancelled.cancel_requested_at is not None
    assert services.run_is_cancelled(run=run) is True
    document = selectors.status_document(cancelled, person_id=alice.pk)
    assert document["can_cancel"] is False
    assert services.job_cancelled(run=run)
    assert fresh(job).status == Status.CANCELLED


def test_a_job_between_two_tries_is_cancelled_at_once(ask, claim, alice):
    job = ask(alice)
    services.job_try_again(run=claim(job), code="try_again")
    assert services.job_cancel(job_id=job.pk, acting_user=alice).status == Status.CANCELLED


def test_a_job_goes_on_while_others_watch(ask, claim, alice, bob):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    run = claim(job)
    services.job_cancel(job_id=job.pk, acting_user=alice)
    assert services.run_is_cancelled(run=run) is False
    mine = selectors.status_document(job, person_id=alice.pk)
    his = selectors.status_document(job, person_id=bob.pk)
    assert (mine["status"], his["status"]) == ("cancelled", "running")
    assert (mine["can_cancel"], mine["can_retry"], mine["result"]) == (False, True, None)
    services.job_succeeded(run=run, result={"download_url": "/secret"})
    mine = selectors.status_document(job, person_id=alice.pk)
    his = selectors.status_document(job, person_id=bob.pk)
    assert (mine["status"], mine["result"]) == ("cancelled", None)
    assert his["status"] == "succeeded"


def test_the_last_to_withdraw_cancels_the_job(ask, alice, bob):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    services.job_cancel(job_id=job.pk, acting_user=alice)
    assert fresh(job).status == Status.QUEUED
    services.job_cancel(job_id=job.pk, acting_user=bob)
    assert fresh(job).status == Status.CANCELLED


def test_withdrawing_twice_is_a_conflict(ask, alice, bob):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    services.job_cancel(job_id=job.pk, acting_user=alice)
    with pytest.raises(CannotCancelError):
        services.job_cancel(job_id=job.pk, acting_user=alice)
    assert fresh(job).status == Status.QUEUED


def test_what_others_do_never_shows_to_who_withdrew(ask, claim, alice, bob):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    services.job_cancel(job_id=job.pk, acting_user=alice)
    seqs = [selectors.status_document(job, person_id=alice.pk)["seq"]]
    run = claim(job)
    for percent in (10, 50):
        services.job_progress(run=run, percent=percent, step="x")
        document = selectors.status_document(job, person_id=alice.pk)
        assert document["status"] == "cancelled"
        seqs.append(document["seq"])
    assert seqs == sorted(seqs)


def test_an_operator_cancels_for_everybody(ask, alice, bob, olga):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    assert services.job_cancel(job_id=job.pk, acting_user=olga).status == Status.CANCELLED


def test_the_shell_cancels_for_everybody(ask, alice):
    assert services.job_cancel(job_id=ask(alice).pk, acting_user=None).status == "cancelled"


@pytest.mark.parametrize("act", [services.job_cancel, services.job_retry])
def test_a_strangers_job_looks_like_none_at_all(act, ask, alice, bob):
    job = ask(alice)
    with pytest.raises(JobNotFoundError) as foreign:
        act(job_id=job.pk, acting_user=bob)
    with pytest.raises(JobNotFoundError) as missing:
        act(job_id=uuid.uuid4(), acting_user=bob)
    assert str(foreign.value) == str(missing.value)
    assert fresh(job).status == Status.QUEUED


def test_a_finished_job_cannot_be_cancelled(ask, claim, alice):
    job = ask(alice)
    services.job_succeeded(run=claim(job), result={})
    with pytest.raises(CannotCancelError):
        services.job_cancel(job_id=job.pk, acting_user=alice)


def test_cancelling_twice_is_a_conflict(ask, claim, alice):
    job = ask(alice)
    claim(job)
    services.job_cancel(job_id=job.pk, acting_user=alice)
    with pytest.raises(CannotCancelError):
        services.job_cancel(job_id=job.pk, acting_user=alice)


def test_some_kinds_cannot_be_cancelled(declare, ask, alice, olga):
    job = ask(alice, kind=declare(cancellable=False).name)
    for person in (alice, olga):
        with pytest.raises(CannotCancelError):
            services.job_cancel(job_id=job.pk, acting_user=person)
    assert JobWatch.objects.get().withdrawn_at is None
    assert selectors.status_document(job, person_id=alice.pk)["can_cancel"] is False


def test_a_job_of_a_kind_that_is_gone_can_be_cancelled_but_not_tried_again(declare, ask, alice):
    job = ask(alice, kind=declare(name="test.gone").name)
    kinds.forget("test.gone")
    assert selectors.status_document(job, person_id=alice.pk)["can_cancel"] is True
    assert services.job_cancel(job_id=job.pk, acting_user=alice).status == Status.CANCELLED
    assert selectors.status_document(job, person_id=alice.pk)["can_retry"] is False
    with pytest.raises(CannotRetryError):
        services.job_retry(job_id=job.pk, acting_user=alice)


def test_trying_again_is_a_new_job_that_names_the_old(ask, claim, alice):
    job = ask(alice, params={"n": 1}, subject="lesson:1", title="日本", dedup_key="pdf:1")
    services.job_failed(run=claim(job), code="broken")
    again = services.job_retry(job_id=job.pk, acting_user=alice)
    assert not again.joined
    new = again.job
    assert new.pk != job.pk
    assert new.retry_of_id == job.pk
    assert (new.kind, new.params, new.subject, new.title, new.dedup_key) == (
        job.kind,
        {"n": 1},
        "lesson:1",
        "日本",
        "pdf:1",
    )
    assert fresh(job).status == Status.FAILED
    assert new in selectors.jobs_visible_to(alice)


@pytest.mark.parametrize("state", ["queued", "running", "succeeded"])
def test_only_what_ended_badly_is_tried_again(state, ask, claim, alice):
    job = ask(alice)
    if state != "queued":
        run = claim(job)
        if state == "succeeded":
            services.job_succeeded(run=run, result={})
    with pytest.raises(CannotRetryError):
        services.job_retry(job_id=job.pk, acting_user=alice)


def test_who_withdrew_tries_again_by_joining_again(ask, alice, bob):
    job = ask(alice, dedup_key="pdf:1")
    ask(bob, dedup_key="pdf:1")
    services.job_cancel(job_id=job.pk, acting_user=alice)
    again = services.job_retry(job_id=job.pk, acting_user=alice)
    assert again.joined
    assert again.job.pk == job.pk
    assert selectors.status_document(job, person_id=alice.pk)["status"] == "queued"


def test_an_operator_tries_again_in_the_owners_name(ask, claim, alice, olga):
    job = ask(alice)
    services.job_failed(run=claim(job), code="broken")
    again = services.job_retry(job_id=job.pk, acting_user=olga).job
    assert again.owner_id == alice.pk
    assert again in selectors.jobs_visible_to(alice)


def test_trying_again_counts_against_the_limit(ask, claim, alice, settings):
    job = ask(alice)
    services.job_failed(run=claim(job), code="broken")
    for _ in range(settings.JOBS_QUEUED_PER_OWNER):
        ask(alice)
    with pytest.raises(QueueFullError):
        services.job_retry(job_id=job.pk, acting_user=alice)


def test_a_person_who_is_switched_off_sees_nothing(ask, alice):
    ask(alice)
    alice.is_active = False
    assert not selectors.jobs_visible_to(alice).exists()
    assert not selectors.jobs_visible_to(None).exists()
