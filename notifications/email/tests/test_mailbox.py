from datetime import timedelta

from django.db.models import F

from academy.accounts.signals import person_anonymised
from notifications.email.models import OutgoingMail
from notifications.email.services import mails_expire


def test_the_mailbox_lists_mails_with_links_to_follow(client, settings, write):
    settings.MAILBOX = True
    write(text="Open http://127.0.0.1:8000/accounts/confirm/abc:d-e/ now <script>x</script>")
    assert "Réinitialiser" in client.get("/mailbox/").content.decode()
    page = client.get(f"/mailbox/{OutgoingMail.objects.get().pk}/")
    text = page.content.decode()
    assert '<a href="http://127.0.0.1:8000/accounts/confirm/abc:d-e/"' in text
    assert "<script>x" not in text
    assert page["Cache-Control"].count("no-store") == 1


def test_a_long_mailbox_takes_few_queries(client, settings, write, django_assert_max_num_queries):
    settings.MAILBOX = True
    for _ in range(30):
        write()
    with django_assert_max_num_queries(3):
        client.get("/mailbox/")


def test_elsewhere_there_is_no_mailbox(client, settings, write):
    settings.MAILBOX = False
    write()
    assert client.get("/mailbox/").status_code == 404
    assert client.get(f"/mailbox/{OutgoingMail.objects.get().pk}/").status_code == 404


def test_old_mails_go_and_young_ones_stay(settings, write):
    write()
    write()
    old = OutgoingMail.objects.first()
    shift = timedelta(seconds=settings.MAIL_KEEP_SECONDS + 1)
    OutgoingMail.objects.filter(pk=old.pk).update(created_at=F("created_at") - shift)
    assert mails_expire() == 1
    assert OutgoingMail.objects.count() == 1


def test_mails_to_a_person_who_left_are_gone(write, alice):
    write()
    write(to="Bob <bob@example.org>")
    person_anonymised.send(
        sender=None, person_id=alice.pk, username="alice", addresses=("ALICE@example.org",)
    )
    assert [mail.recipients for mail in OutgoingMail.objects.all()] == [["Bob <bob@example.org>"]]


def test_operators_see_that_mails_went_but_not_what_they_said(client, olga, write):
    write(subject="Reset", text="secret link")
    client.force_login(olga)
    mail = OutgoingMail.objects.get()
    for path in ("", f"{mail.pk}/change/"):
        page = client.get(f"/admin/notifications/outgoingmail/{path}", follow=True)
        assert page.status_code == 200
        assert "Reset" in page.content.decode()
        assert "secret link" not in page.content.decode()
