"""What a Celery worker does besides running tasks: signs of life, free places, clean children."""

import contextlib
import logging
import os
import signal
from typing import Any, Final

from celery import Celery, bootsteps, signals
from celery.worker import state
from django.db import DatabaseError, connections
from kombu.transport import redis, virtual

from scheduler.jobs.kinds import LANES, Lane
from scheduler.jobs.losses import lanes_are_stalled, processes_that_lost_their_job
from scheduler.jobs.services import process_gone, process_seen

_log = logging.getLogger(__name__)
SIGN_OF_LIFE_SECONDS: Final = 5.0
STALLED_SECONDS: Final = 20.0
# So many looks in a row: after an outage of the queue, hints need some seconds to come again.
_IDLE_LOOKS: Final = 4


class Places(redis.QoS):
    """A message whose acknowledgement met a lost connection takes no place any more.

    Kombu 5.7 counts it as unacknowledged for ever. A worker all of whose places are taken so asks
    for nothing, therefore never notices that its connection is gone, and stays idle.
    """

    def ack(self, delivery_tag: str) -> None:
        channel: Any = self.channel  # its stubs know no errors
        try:
            super().ack(delivery_tag)
        except channel.connection_errors:
            virtual.QoS.ack(self, delivery_tag)
            raise


class SignsOfLife(bootsteps.StartStopStep):
    """A row says every few seconds that the worker is alive.

    Runs on the main process' own timer, not on a thread: a thread that holds a lock while the
    pool forks would leave the child with a lock that nobody releases.
    """

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._entry: Any = None
        self._suspects: set[Any] = set()
        self._idle_looks = 0

    def start(self, worker: Any) -> None:
        self._say(worker)
        self._entry = worker.timer.call_repeatedly(SIGN_OF_LIFE_SECONDS, self._tick, (worker,))

    def stop(self, worker: Any) -> None:
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None
        try:
            process_gone(name=_name(worker))
        except DatabaseError as error:
            _log.warning("worker: the database answered %s", error)
        finally:
            connections.close_all()

    def _tick(self, worker: Any) -> None:
        self._say(worker)
        self._end_lost_children(worker)
        self._free_lost_places(worker)
        self._leave_when_stalled(worker)

    def _end_lost_children(self, worker: Any) -> None:
        """A pool process that goes on with a job it has lost is killed.

        Its own watch would end it; but code in C that holds Python's lock stops the watch too, and
        then the lease runs out. The main process is the only one that can still act.
        """
        processes = {
            request.worker_pid: str(request.id)
            for request in list(state.active_requests)
            if request.worker_pid
        }
        if not processes or getattr(worker.pool, "_pool", None) is None:
            return
        try:
            lost = processes_that_lost_their_job(processes, worker=worker.hostname)
        except DatabaseError:
            return
        finally:
            connections.close_all()
        for pid in lost:
            _log.warning("worker: process %d lost job %s and is ended", pid, processes[pid])
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _leave_when_stalled(self, worker: Any) -> None:
        """The worker ends, to be started afresh, when work waits before it and nobody works.

        A worker can stay connected to Redis and take nothing (celery #8030 and its successors);
        only what waits tells, never that the process is alive.
        """
        try:
            stalled = lanes_are_stalled(_lanes(worker), seconds=STALLED_SECONDS)
        except DatabaseError:
            stalled = False
        finally:
            connections.close_all()
        self._idle_looks = self._idle_looks + 1 if stalled else 0
        if self._idle_looks >= _IDLE_LOOKS:
            _log.error("worker: jobs wait and nothing takes them; starting afresh")
            stop: Any = state  # its stubs know no exit status
            stop.should_stop = os.EX_TEMPFAIL

    def _free_lost_places(self, worker: Any) -> None:
        """Requests that no pool process has, twice in a row, take no place any more.

        Celery 5.7 keeps a request reserved for ever whose acknowledgement met a lost connection;
        with `worker_disable_prefetch` the worker would then stay connected and take nothing.
        Their jobs are rows: nothing is lost by forgetting a message.
        """
        pool = getattr(worker.pool, "_pool", None)
        reserved = set(state.reserved_requests)
        if pool is None or getattr(pool, "_cache", True):
            self._suspects = set()
            return
        for request in reserved & self._suspects:
            _log.warning("worker: the place of %s is free again", request.id)
            state.task_ready(request)
        self._suspects = reserved - self._suspects

    def _say(self, worker: Any) -> None:
        try:
            process_seen(
                name=_name(worker),
                role="worker",
                lanes=_lanes(worker),
                pid=os.getpid(),
            )
        except DatabaseError as error:
            _log.warning("worker: the database answered %s", error)
        finally:
            # A child that is forked later must not inherit an open database connection.
            connections.close_all()


def _lanes(worker: Any) -> list[Lane]:
    queues = {str(queue) for queue in worker.app.amqp.queues.consume_from}
    return [lane for lane in LANES if lane in queues]


def _name(worker: Any) -> str:
    return f"{worker.hostname}:{os.getpid()}"


def equip(app: Celery) -> None:
    """Workers of `app` give signs of life, lose no places, and fork without connections."""
    redis.Channel.QoS = Places
    app.steps["worker"].add(SignsOfLife)
    signals.worker_process_init.connect(_start_clean, weak=False)


def _start_clean(**_: Any) -> None:
    connections.close_all()
