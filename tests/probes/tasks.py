"""Kinds of job that misbehave on request."""

import contextlib
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


def swell():
    hoard = []
    while True:
        hoard.append(bytearray(8 * MIB))


def run_out():
    raise MemoryError


def hang():
    """The point: code that swallows what should stop it."""
    while True:
        with contextlib.suppress(Exception):
            time.sleep(60)


def seize():
    """Code in C that never lets go of Python's lock."""
    libc = ctypes.PyDLL(None)
    mutex = ctypes.create_string_buffer(64)  # zeros: PTHREAD_MUTEX_INITIALIZER
    libc.pthread_mutex_lock(mutex)
    libc.pthread_mutex_lock(mutex)  # no signal interrupts this one


POISONS = {
    "seize": seize,
    "exit": lambda: os._exit(1),
    "segfault": lambda: ctypes.string_at(0),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "memory_error": run_out,
    "swell": swell,
    "leap": lambda: bytearray(4096 * MIB),
    "hang": hang,
}


@job(
    "probe.poison",
    lane="interactive",
    label="Poison",
    soft_time_limit_seconds=2,
    hard_time_limit_seconds=4,
    memory_limit_bytes=300 * MIB,
)
def poison(context, *, how):
    POISONS[how]()


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
