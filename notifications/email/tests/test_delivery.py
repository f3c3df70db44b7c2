import time
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage, send_mail
from django.core.mail.message import BadHeaderError
from django.db import transaction
from django.db.models import F

from notifications.email.models import OutgoingMail, State
from notifications.email.services import mail_ended
from scheduler.jobs.models import Job, Status


def test_a_mail_is_committed_with_what_asked_for_it_or_not_at_all(db, write):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()
    assert not Job.objects.exists()
    assert write() == 1
    assert OutgoingMail.objects.get().state == State.QUEUED
    assert Job.objects.get().lane == "io"


def test_the_job_knows_the_mail_by_its_id_alone(write):
    write()
    mail, job = OutgoingMail.objects.get(), Job.objects.get()
    assert job.params == {"mail_id": str(mail.pk)}
    row = " ".join(str(value) for value in vars(job).values())
    assert "s3cret" not in row
    assert "alice@example.org" not in row


def test_a_mail_in_any_language_reaches_the_server_whole(server, write, work):
    write(subject="パスワード 🔑", text="次のリンク\n.\nend\n" + "長" * 2000)
    (job,) = work()
    assert job.status == Status.SUCCEEDED
    (mail,) = server.mails
    assert mail["from"] == "academy@example.org"
    assert mail["to"] == ["alice@example.org"]
    stored = OutgoingMail.objects.get()
    assert f"<{stored.pk}@".encode() in mail["content"]
    assert stored.state == State.SENT


def test_what_is_sent_is_no_longer_readable(server, write, work):
    write()
    work()
    mail = OutgoingMail.objects.get()
    assert (mail.text, bytes(mail.content)) == ("", b"")


def test_without_a_server_the_mail_is_kept_to_be_read(settings, write, work):
    settings.MAIL_URL = ""
    write()
    (job,) = work()
    assert job.status == Status.SUCCEEDED
    mail = OutgoingMail.objects.get()
    assert mail.state == State.KEPT
    assert "s3cret" in mail.text


def test_an_academy_whose_mails_reach_nobody_says_so(settings, write, work, caplog):
    settings.MAIL_URL, settings.MAILBOX = "", False
    write()
    work()
    assert "ACADEMY_MAIL_URL" in caplog.text
    assert "alice@example.org" not in caplog.text


@pytest.mark.parametrize("step", ["greeting", "MAIL", "RCPT", "DATA", "content"])
def test_come_back_later_is_tried_again_with_the_same_id(server, write, work, step):
    server.answers[step] = "451 later"
    write()
    (job,) = work()
    assert job.status == Status.RETRYING
    assert OutgoingMail.objects.get().state == State.QUEUED
    server.answers.clear()
    Job.objects.update(run_at=F("run_at") - timedelta(hours=2))
    (job,) = work()
    assert job.status == Status.SUCCEEDED
    assert f"<{OutgoingMail.objects.get().pk}@".encode() in server.mails[0]["content"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "content"])
def test_a_refusal_for_good_is_recorded_and_not_tried_again(server, write, work, step):
    server.answers[step] = "550 no such <alice@example.org>"
    write()
    (job,) = work()
    assert job.status == Status.FAILED
    assert job.error_code == "mail_refused"
    assert "alice" not in job.error_detail
    mail = OutgoingMail.objects.get()
    assert mail.state == State.FAILED
    assert mail.reply == "the mail server answered 550"
    assert mail.text == ""


def test_a_server_that_turns_everybody_away_is_not_the_mails_fault(server, write, work):
    server.answers["greeting"] = "554 no service"
    write()
    (job,) = work()
    assert job.status == Status.RETRYING


@pytest.mark.parametrize("step", ["greeting", "EHLO", "RCPT", "content"])
def test_a_server_that_accepts_and_stalls_holds_a_worker_no_longer_than_its_timeout(
    server, write, work, step
):
    server.answers[step] = None
    write()
    started = time.monotonic()
    (job,) = work()
    assert time.monotonic() - started < 3
    assert job.status == Status.RETRYING
    assert job.error_code == "mail_server_unavailable"


def test_a_server_that_drips_is_cut_off(server, write, work, settings):
    server.drip_seconds = 0.2
    server.answers["EHLO"] = "250 " + "x" * 100
    write()
    started = time.monotonic()
    (job,) = work()
    assert time.monotonic() - started < 4
    assert job.status == Status.RETRYING


def test_nobody_listening_is_tried_again_later_and_later(settings, write, work):
    settings.MAIL_URL = "smtp://127.0.0.1:9"
    write()
    (job,) = work()
    assert job.status == Status.RETRYING
    assert (job.run_at - job.started_at).total_seconds() > 25


def test_a_plain_server_is_never_given_what_was_meant_for_an_encrypted_one(
    server, settings, write, work
):
    settings.MAIL_URL = f"starttls://user:pa%2Fss@127.0.0.1:{server.port}"
    write()
    (job,) = work()
    assert job.status == Status.RETRYING
    assert not server.mails
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)
    assert "pa/ss" not in f"{job.error_detail}{job.traceback}"


def test_a_mail_is_sent_once_however_often_its_job_runs(server, write, work):
    write()
    mail = OutgoingMail.objects.get()
    work()
    Job.objects.update(status=Status.QUEUED)
    work()
    assert len(server.mails) == 1
    mail_ended(mail_id=mail.pk, state=State.KEPT)
    assert OutgoingMail.objects.get().state == State.SENT


def test_a_mail_whose_person_is_gone_is_not_sent(server, write, work):
    write()
    OutgoingMail.objects.all().delete()
    (job,) = work()
    assert job.status == Status.SUCCEEDED
    assert not server.mails


@pytest.mark.parametrize("field", ["subject", "to", "from_email"])
def test_a_line_break_makes_no_header(db, field):
    fields = {"subject": "Hello", "to": ["a@example.org"], "from_email": "b@example.org"}
    evil = "x@example.org\nBcc: victim@example.org"
    fields[field] = [evil] if field == "to" else evil
    with pytest.raises((BadHeaderError, ValueError)):
        EmailMessage(body="text", **fields).send()
    assert not OutgoingMail.objects.exists()


def test_a_mail_to_nobody_is_no_mail(db):
    assert send_mail("Hello", "text", None, []) == 0
    assert not OutgoingMail.objects.exists()
