"""Mails that an operator sends again."""

from datetime import timedelta
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as configured
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from academy.accounts.services import confirmation_send, password_reset_ask
from notifications.email.errors import (
    MailForgottenError,
    MailOutdatedError,
    MailServerMissingError,
    MailUnderWayError,
)
from notifications.email.models import OutgoingMail, State
from notifications.email.selectors import mails_stranded
from notifications.email.services import mail_resend, mails_expire
from scheduler.jobs.models import Job, Status

LIST = "/admin/notifications/outgoingmail/"


@pytest.fixture
def desk(client, olga):
    import_module(configured.ROOT_URLCONF)
    client.force_login(olga)
    return client


@pytest.fixture
def lost(server, write):
    """A mail that waits while its job has given up."""
    write(text="No link in here.")
    Job.objects.update(status=Status.FAILED, finished_at=Now())
    return OutgoingMail.objects.get()


def ask(desk, *mails, **more):
    form = {"action": "send_again", "_selected_action": [mail.pk for mail in mails], **more}
    return desk.post(LIST, form, follow=True)


def told(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_mail_that_was_given_up_is_sent_again_under_its_id(server, lost, work):
    assert mails_stranded() == [lost.pk]
    assert mail_resend(mail_id=lost.pk)
    assert mails_stranded() == []
    assert [job.status for job in work()] == [Status.FAILED, Status.SUCCEEDED]
    (mail,) = server.mails
    assert f"<{lost.pk}@".encode() in mail["content"]
    assert OutgoingMail.objects.get().state == State.SENT


def test_a_mail_that_was_kept_goes_to_the_server_that_there_is_now(settings, server, write, work):
    url, settings.MAIL_URL = settings.MAIL_URL, ""
    write(text="No link in here.")
    work()
    kept = OutgoingMail.objects.get()
    with pytest.raises(MailServerMissingError):
        mail_resend(mail_id=kept.pk)
    settings.MAIL_URL = url
    assert mail_resend(mail_id=kept.pk)
    work()
    kept.refresh_from_db()
    assert (kept.state, kept.text, len(server.mails)) == (State.SENT, "", 1)


def test_a_mail_on_its_way_is_not_sent_twice(server, write):
    write()
    with pytest.raises(MailUnderWayError):
        mail_resend(mail_id=OutgoingMail.objects.get().pk)
    assert Job.objects.count() == 1


def test_what_was_sent_or_refused_is_forgotten_and_not_sent_again(server, write, work):
    write()
    server.answers["RCPT"] = "550 no"
    work()
    write()
    server.answers.clear()
    work()
    assert {mail.state for mail in OutgoingMail.objects.all()} == {State.FAILED, State.SENT}
    for mail in OutgoingMail.objects.all():
        with pytest.raises(MailForgottenError):
            mail_resend(mail_id=mail.pk)


def test_a_mail_that_is_gone_is_sent_by_nobody(lost):
    OutgoingMail.objects.update(created_at=F("created_at") - timedelta(days=3650))
    assert mails_expire() == 1
    assert not mail_resend(mail_id=lost.pk)
    assert Job.objects.count() == 1


def reset(person):
    password_reset_ask(address=person.email, language="en")
    Job.objects.update(status=Status.FAILED, finished_at=Now())
    return OutgoingMail.objects.latest("created_at").pk


def test_a_link_that_still_sets_a_password_goes_again(server, alice):
    assert mail_resend(mail_id=reset(alice))


@pytest.mark.parametrize("change", ["password", "sign-in", "deactivated"])
def test_a_link_that_sets_no_password_any_more_is_not_sent(server, alice, change):
    mail_id = reset(alice)
    if change == "password":
        alice.set_password("a new one of hers")
    elif change == "sign-in":
        alice.last_login = timezone.now()
    else:
        alice.is_active = False
    alice.save()
    with pytest.raises(MailOutdatedError):
        mail_resend(mail_id=mail_id)


def test_a_link_that_was_confirmed_is_not_sent_and_one_that_waits_is(server, alice):
    row = EmailAddress.objects.create(user=alice, email="alice@example.net")
    confirmation_send(row=row)
    Job.objects.update(status=Status.FAILED, finished_at=Now())
    mail = OutgoingMail.objects.get()
    EmailAddress.objects.update(verified=True)
    with pytest.raises(MailOutdatedError):
        mail_resend(mail_id=mail.pk)
    EmailAddress.objects.update(verified=False)
    assert mail_resend(mail_id=mail.pk)


def test_the_desk_asks_who_gets_the_mail_twice_before_it_is_sent_again(desk, lost):
    page = ask(desk, lost)
    assert "Send 1 mail again" in page.text
    assert "alice@example.org" in page.text
    assert "No link in here." not in page.text
    assert Job.objects.count() == 1
    assert "1 mail is on its way again." in told(ask(desk, lost, confirmed="yes"))
    assert Job.objects.filter(status=Status.QUEUED).count() == 1
    again = told(ask(desk, lost, confirmed="yes"))
    assert "on its way already" in again
    assert "0 mails" in again


def test_the_desk_says_which_mails_cannot_go_again_and_asks_about_the_others(desk, lost):
    gone = OutgoingMail.objects.create(subject="Gone", recipients=[], state=State.FAILED)
    page = ask(desk, lost, gone)
    assert "Gone: What this mail said is no longer kept" in told(page)
    assert "Send 1 mail again" in page.text
    alone = ask(desk, gone)
    assert alone.redirect_chain
    assert "no longer kept" in told(alone)


def test_too_many_mails_at_once_are_refused(desk, lost, monkeypatch):
    monkeypatch.setattr("notifications.email.admin.MAX_MAILS_AT_ONCE", 1)
    other = OutgoingMail.objects.create(subject="Other", recipients=[])
    assert "at most 1 mails" in told(ask(desk, lost, other))
