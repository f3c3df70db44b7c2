"""Mails as the academy sends them, and a real mail server on a port of its own."""

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from academy.accounts.models import User
from notifications.email.selectors import MAIL_KIND
from notifications.email.tests.server import MailServer
from scheduler.jobs.kinds import kind_named
from scheduler.jobs.models import WAITING, Job
from scheduler.jobs.tasks.running import execute


@pytest.fixture(autouse=True)
def _queued(settings):
    settings.EMAIL_BACKEND = "notifications.email.backends.QueuedBackend"
    settings.MAIL_TIMEOUT_SECONDS = 0.5


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice", "alice@example.org")


@pytest.fixture
def olga(db):
    return User.objects.create_user("olga", role="operator")


@pytest.fixture
def write(db):
    def send(
        subject="Réinitialiser", text="Open http://127.0.0.1/x?key=s3cret", to="alice@example.org"
    ):
        return EmailMessage(subject, text, "Academy <academy@example.org>", [to]).send()

    return send


@pytest.fixture
def server(settings):
    with MailServer() as running:
        settings.MAIL_URL = f"smtp://127.0.0.1:{running.port}"
        yield running


@pytest.fixture
def work(monkeypatch):
    """Runs the mail jobs that are due, as a worker would."""
    if connection.in_atomic_block:
        # A worker's connections are its own; this one carries the test's transaction.
        monkeypatch.setattr("scheduler.jobs.tasks.running.close_old_connections", lambda: None)

    def run():
        waiting = Job.objects.filter(kind=MAIL_KIND, status__in=WAITING).order_by("created_at")
        for job_id in list(waiting.values_list("pk", flat=True)):
            execute(kind_named(MAIL_KIND), job_id=str(job_id), worker="io")
        return list(Job.objects.filter(kind=MAIL_KIND).order_by("created_at"))

    return run
