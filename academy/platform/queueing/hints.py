"""Hints to workers: messages that carry a job's id and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import kombu.exceptions
import redis.exceptions
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import Connection

from academy.platform.caching.instances import CacheErrors, queue_client
from academy.platform.queueing.sender import Sender

_PRIORITIES: Final = tuple(range(10))
_TRANSPORT: Final[dict[str, Any]] = {
    "socket_timeout": 0.2,
    "socket_connect_timeout": 0.2,
    "connect_retries_timeout": 0.2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "priority_steps": list(_PRIORITIES),
}


@dataclass(frozen=True, slots=True)
class Hint:
    """Where a job waits: `task` is its kind's name, `priority` 0 (first) to 9."""

    job_id: str
    task: str
    lane: str
    priority: int


class _Broker:
    """One connection of the sender's thread; a fresh one after every error.

    The producer is kept too: Celery would open a channel, and so a connection, for each message.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._producer: Any = None

    def deliver(self, hint: Hint) -> None:
        try:
            if self._connection is None:
                self._connection = Connection(
                    settings.CELERY_BROKER_URL, transport_options=_TRANSPORT, connect_timeout=1
                )
                self._producer = current_app.amqp.Producer(self._connection, auto_declare=False)
            current_app.send_task(
                hint.task,
                kwargs={"job_id": hint.job_id},
                task_id=hint.job_id,
                queue=hint.lane,
                priority=hint.priority,
                producer=self._producer,
                retry=False,
                ignore_result=True,
            )
        except _ERRORS:
            broken, self._connection, self._producer = self._connection, None, None
            if broken is not None:
                broken.release()
            raise


_ERRORS: Final = (
    kombu.exceptions.KombuError,
    redis.exceptions.RedisError,
    OSError,
)
_sender: Final = Sender(name="hints", deliver=_Broker().deliver, errors=_ERRORS)


def hint_now(hint: Hint) -> bool:
    """The hint waits in this process to be sent; False when it was dropped. Never blocks."""
    return _sender.offer(hint)


def hint_on_commit(hint: Hint) -> None:
    """The same, when the current transaction commits."""
    transaction.on_commit(partial(_sender.offer, hint))


def hints_waiting(lanes: Iterable[str]) -> dict[str, int]:
    """How many hints each lane's lists hold; empty while the queue does not answer."""
    names = list(lanes)
    try:
        with queue_client().pipeline(transaction=False) as pipeline:
            for lane in names:
                for priority in _PRIORITIES:
                    # kombu keeps a list for each priority (`_q_for_pri` of its Redis transport).
                    pipeline.llen(f"{lane}\x06\x16{priority}" if priority else lane)
            lengths = iter(pipeline.execute())
    except CacheErrors:
        return {}
    return {lane: sum(int(next(lengths)) for _ in _PRIORITIES) for lane in names}


def flush(*, timeout_seconds: float) -> None:
    """Wait for the hints of this process; for commands that end right after."""
    _sender.flush(timeout_seconds=timeout_seconds)
