"""A worker's places in a queue that ends and comes back."""

import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import kombu
import pytest
from kombu.exceptions import OperationalError
from kombu.utils.encoding import bytes_to_str

from academy.environment.paths import broker_url
from academy.platform.caching.tests.instance import Instance


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="acd-") as path:
        yield Path(path)


@pytest.fixture
def queue(folder):
    running = [Instance(folder)]

    @contextmanager
    def gone():
        running[-1].stop()
        yield
        running.append(Instance(folder))

    yield running[0].url, gone
    running[-1].stop()


def connect(url):
    return kombu.Connection(broker_url(url), transport_options={"socket_timeout": 5})


def say(url, text):
    with connect(url) as connection:
        connection.SimpleQueue("interactive").put(text)


def test_a_message_whose_acknowledgement_met_a_lost_connection_takes_no_place(queue):
    url, gone = queue
    heard = []
    say(url, "first")
    with connect(url) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, apply_global=False)
        consumer = kombu.Consumer(
            channel, [kombu.Queue("interactive")], on_message=heard.append, accept=["json"]
        )
        consumer.consume()
        connection.drain_events(timeout=5)
        with gone(), pytest.raises(connection.connection_errors):
            heard[0].ack()
        say(url, "second")
        for _ in range(5):  # the first reading meets the lost connection
            with suppress(TimeoutError, OperationalError, *connection.connection_errors):
                connection.drain_events(timeout=1)
            if len(heard) > 1:
                break
    assert [bytes_to_str(message.body) for message in heard] == ["first", "second"]
