"""Kinds of job that misbehave on request."""

import ctypes
import os
import signal
import time

from academy.platform.errors import TransientError
from scheduler.jobs.kinds import MIB
from scheduler.jobs.models import JobLogLine
from scheduler.jobs.tasks import JobResult, job


def effect(context):
    """Something that must stand once for each job, and only if the job succeeded."""
    return lambda: JobLogLine.objects.create(
        job_id=context.job_id, attempt=context.attempt, text="effect"
    )


@job(
    "probe.work",
    lane="interactive",
    label="Probe",
    soft_time_limit_seconds=120,
    memory_limit_bytes=300 * MIB,
)
def work(context, *, seconds=0.0, checkpoints=True, steps=20):
    """Works for so long, in steps, with or without looking up."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if checkpoints:
            context.report(100 * (1 - left / seconds), "Working")
        time.sleep(min(left, seconds / steps))
    return JobResult(extra={"pid": os.getpid()}, commit=effect(context))


@job(
    "probe.poison",
    lane="interactive",
    label="Poison",
    soft_time_limit_seconds=2,
    hard_time_limit_seconds=4,
    memory_limit_bytes=300 * MIB,
)
def poison(context, *, how):
    if how == "exit":
        os._exit(1)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "memory_error":
        raise MemoryError
    if how == "swell":
        hoard = []
        while True:
            hoard.append(bytearray(8 * MIB))
    if how == "leap":
        bytearray(4096 * MIB)
    if how == "hang":
        while True:
            try:
                time.sleep(60)
            except Exception:  # noqa: BLE001 - the point: code that swallows what should stop it
                continue
    message = "no such poison"
    raise ValueError(message)


@job("probe.flaky", lane="interactive", label="Flaky", soft_time_limit_seconds=20, max_attempts=3)
def flaky(context, *, failures):
    if context.attempt <= failures:
        message = "not yet"
        raise TransientError(message)
    return JobResult(commit=effect(context))


@job("probe.bulk", lane="bulk", label="Bulk probe", soft_time_limit_seconds=120)
def bulk(context, *, seconds=0.0):
    return work(context, seconds=seconds)


@job("probe.io", lane="io", label="IO probe", soft_time_limit_seconds=60)
def io(context, *, seconds=0.0):
    return work(context, seconds=seconds)
