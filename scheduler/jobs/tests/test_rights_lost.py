"""Who may no longer see a job hears no more of it, although their sign-in is still good."""

import contextlib
import time
from http.client import HTTPConnection

import pytest

from scheduler.jobs.tests.test_live import frames_until_closed, opened
from tests.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def watchful():
    """An academy that looks every second at the rights of who opened a socket or a stream."""
    short = {"ACADEMY_SOCKET_RECHECK_SECONDS": "1"}
    with Stack(demo=False, pages=False, environment=short) as running:
        yield running
        assert running.tracebacks() == []


@pytest.fixture
def task_id(watchful):
    """A learner's job that outlives the test."""
    learner = watchful.people(1, prefix="watched")[0]
    task_id = watchful.submit("probe.work", {"seconds": 30}, person_id=learner["id"])
    yield task_id
    watchful.manage("jobs", "cancel", task_id)


@pytest.fixture
def operator(watchful):
    """Sees everybody's jobs."""
    return watchful.people(1, prefix=f"operator-{time.monotonic_ns()}", role="operator")[0]


def demote(stack, operator):
    """Behind the academy's back: no hint is told, only the next look finds it."""
    sql = "UPDATE accounts_user SET role = 'learner' WHERE username = ?"
    stack.query(sql, operator["username"])


def test_a_demoted_operators_socket_to_a_strangers_job_closes(watchful, operator, task_id):
    with opened(watchful, f"/ws/tasks/{task_id}/", token=operator["access"]) as client:
        client.recv(timeout=10)
        demote(watchful, operator)
        demoted = time.monotonic()
        assert frames_until_closed(client)[1] == 4403
        assert time.monotonic() - demoted < 5
    status = f"/async-monitoring/tasks/{task_id}/status/"
    assert watchful.call("GET", status, token=operator["access"]).status == 404


def test_a_demoted_operators_stream_of_a_strangers_job_ends(watchful, operator, task_id):
    path = f"/async-monitoring/tasks/{task_id}/stream/"
    headers = {"Authorization": f"Bearer {operator['access']}"}
    with contextlib.closing(HTTPConnection("127.0.0.1", watchful.port, timeout=40)) as client:
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        assert answer.readline() == b"event: connected\n"
        demote(watchful, operator)
        demoted = time.monotonic()
        rest = answer.read().decode()
    assert time.monotonic() - demoted < 5
    assert rest.endswith('event: disconnected\ndata: {"reason": "signed_out"}\n\n')


def test_an_operator_goes_on_watching(watchful, operator, task_id):
    looked_at_twice = time.monotonic() + 2.5
    with opened(watchful, f"/ws/tasks/{task_id}/", token=operator["access"]) as client:
        client.recv(timeout=10)
        while time.monotonic() < looked_at_twice:
            with contextlib.suppress(TimeoutError):
                client.recv(timeout=0.5)
