"""Any order of asking, running, crashing and cancelling keeps the promises of a job."""

import uuid
from collections import Counter

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from academy.accounts.models import User
from scheduler.jobs import live, selectors, services
from scheduler.jobs.errors import (
    CannotCancelError,
    CannotRetryError,
    JobNotFoundError,
    QueueFullError,
)
from scheduler.jobs.models import FINISHED, UNFINISHED, Job, JobLogLine, JobWatch

PEOPLE = ("alice", "bob", "carol")
KEYS = ("", "a", "b")


class Jobs(RuleBasedStateMachine):
    """Three people, two workers that may stop being heard of, and a beat."""

    kind_name = ""
    runs = Bundle("runs")

    def __init__(self):
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.people = {name: User.objects.create_user(name) for name in PEOPLE}
        self.jobs = []
        self.terminal = {}
        self.seqs = {}
        self.seen = {}
        self.claims = {}
        self.withdrawn = set()

    def teardown(self):
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    def _know(self, job, name):
        if job.pk not in self.jobs:
            self.jobs.append(job.pk)
        self.withdrawn.discard((job.pk, name))

    def _pick(self, number):
        assume(self.jobs)
        return self.jobs[number % len(self.jobs)]

    @rule(name=st.sampled_from(PEOPLE), key=st.sampled_from(KEYS))
    def submit_or_join(self, name, key):
        try:
            job = services.job_submit(
                kind=self.kind_name, params={}, person_id=self.people[name].pk, dedup_key=key
            ).job
        except QueueFullError:
            return
        self._know(job, name)

    @rule(target=runs, number=st.integers(0, 99), worker=st.sampled_from(["w1", "w2"]))
    def claim(self, number, worker):
        pk = self._pick(number)
        job = services.job_claim(job_id=pk, worker=worker, lease_seconds=600)
        assume(job is not None)
        assert job.fence > self.claims.get(pk, 0)
        self.claims[pk] = job.fence
        return services.Run(job_id=pk, fence=job.fence)

    @rule(run=runs, percent=st.integers(0, 99))
    def progress(self, run, percent):
        services.job_progress(run=run, percent=percent, step="x")

    @rule(run=runs)
    def finish(self, run):
        def commit():
            JobLogLine.objects.create(job_id=run.job_id, attempt=run.fence, text="effect")

        services.job_succeeded(run=run, result={"by": run.fence}, commit=commit)

    @rule(run=consumes(runs))
    def fail(self, run):
        services.job_failed(run=run, code="broken")

    @rule(run=runs)
    def stop_for_a_cancel(self, run):
        services.job_cancelled(run=run)

    @rule(run=consumes(runs))
    def fail_for_now(self, run):
        if services.job_try_again(run=run, code="busy"):
            Job.objects.filter(pk=run.job_id).update(run_at=Now())

    @rule(number=st.integers(0, 99))
    def crash(self, number):
        pk = self._pick(number)
        Job.objects.filter(pk=pk, status="running").update(
            lease_until=Now() - services.running.timedelta(seconds=1)
        )

    @rule()
    def sweep(self):
        services.jobs_reconcile()

    @rule(number=st.integers(0, 99), name=st.sampled_from(PEOPLE))
    def cancel(self, number, name):
        pk = self._pick(number)
        try:
            services.job_cancel(job_id=pk, acting_user=self.people[name])
        except (CannotCancelError, JobNotFoundError):
            return
        self.withdrawn.add((pk, name))

    @precondition(lambda self: self.jobs)
    @rule(number=st.integers(0, 99), name=st.sampled_from(PEOPLE))
    def retry(self, number, name):
        pk = self._pick(number)
        try:
            job = services.job_retry(job_id=pk, acting_user=self.people[name]).job
        except (CannotRetryError, JobNotFoundError, QueueFullError):
            return
        if job.pk != pk:
            assert (pk, name) in self.withdrawn or pk in self.terminal
        self._know(job, name)

    @invariant()
    def the_promises_hold(self):
        rows = {row["id"]: row for row in Job.objects.values()}
        self._terminal_rows_never_change(rows)
        self._an_effect_stands_once_and_only_after_success(rows)
        self._a_flight_is_single(rows)
        self._nobody_runs_more_than_three_of_their_own()
        plain, withdrawn = live.plain_documents(self.jobs), live.withdrawals(self.jobs)
        for name, person in self.people.items():
            for key, document in plain.items():
                gone = withdrawn.get(key, {})
                self._sees(
                    name, selectors.for_person(document, withdrawn=gone, person_id=person.pk)
                )

    def _terminal_rows_never_change(self, rows):
        assert {pk: rows[pk] for pk in self.terminal} == self.terminal
        self.terminal = {pk: row for pk, row in rows.items() if row["status"] in FINISHED}

    def _an_effect_stands_once_and_only_after_success(self, rows):
        effects = Counter(JobLogLine.objects.filter(text="effect").values_list("job_id", flat=True))
        assert effects == Counter(pk for pk, row in rows.items() if row["status"] == "succeeded")

    def _a_flight_is_single(self, rows):
        keys = [
            row["dedup_key"]
            for row in rows.values()
            if row["dedup_key"] and row["status"] in UNFINISHED and not row["cancel_requested_at"]
        ]
        assert len(keys) == len(set(keys))

    def _nobody_runs_more_than_three_of_their_own(self):
        watches = JobWatch.objects.filter(job__status="running")
        watchers = {}
        for job_id, person_id in watches.values_list("job_id", "person_id"):
            watchers.setdefault(job_id, []).append(person_id)
        alone = Counter(people[0] for people in watchers.values() if len(people) == 1)
        assert all(count <= 3 for count in alone.values())

    def _sees(self, name, document):
        key = document["task_id"], name
        status, seq = document["status"], document["seq"]
        assert seq >= self.seqs.get(key, 0)
        self.seqs[key] = seq
        # A page may drop what has a seq that it has shown: so one seq is one state.
        assert self.seen.setdefault((*key, seq), status) == status
        if (uuid.UUID(key[0]), name) in self.withdrawn:
            assert (status, document["result"]) == ("cancelled", None)


@pytest.mark.django_db
def test_any_order_of_events_keeps_the_promises_of_a_job(declare):
    Jobs.kind_name = declare(max_attempts=3).name
    run_state_machine_as_test(
        Jobs,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
