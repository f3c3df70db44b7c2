import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from academy.accounts.agents import browser_name
from academy.accounts.models import TokenFamily, User
from academy.accounts.services import token_pair_issue
from academy.accounts.tests.conftest import PASSWORD, link_of

ME = "/accounts/me/"
ADDRESS = "/accounts/me/address/"


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


def change_address(signed_in, email="new@example.org", password=PASSWORD):
    return signed_in.post(ADDRESS, {"email": email, "own_password": password})


def test_the_account_page_is_for_who_is_signed_in(client, db):
    paths = ["", "address/", "password/", "second-factor/on/", "second-factor/off/", "delete/"]
    for path in paths:
        answer = client.get(f"{ME}{path}")
        assert answer["Location"].startswith("/accounts/sign-in/?next="), path


def test_a_person_changes_name_language_and_time_zone(signed_in, alice):
    form = {"display_name": "अलिस 👩‍🔬", "language": "en", "time_zone": "Asia/Tokyo"}
    assert signed_in.post(ME, form).status_code == 303
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone) == ("अलिस 👩‍🔬", "Asia/Tokyo")


@pytest.mark.parametrize(
    "form",
    [
        {"display_name": "a\nb"},
        {"time_zone": "Mars/Olympus"},
        {"language": "../x"},
        {"display_name": "x" * 121},
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(signed_in, alice, form):
    usual = {"display_name": "A", "language": "en", "time_zone": "UTC"}
    answer = signed_in.post(ME, {**usual, **form})
    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.display_name == "Alice アリス"


def test_rights_cannot_be_posted(signed_in, alice):
    form = {"display_name": "A", "language": "en", "time_zone": "UTC"}
    more = {"role": "operator", "is_superuser": "1", "email": "x@example.org", "username": "root"}
    signed_in.post(ME, {**form, **more})
    alice.refresh_from_db()
    assert (alice.role, alice.email, alice.username) == ("learner", "Alice@example.org", "Alice")


def test_a_new_address_holds_when_its_owner_confirms_it(signed_in, alice):
    change_address(signed_in)
    assert User.objects.get(pk=alice.pk).email == "Alice@example.org"
    assert "new@example.org waits" in signed_in.get(ME).content.decode()
    path, fields = link_of(mail.outbox[-1])
    assert mail.outbox[-1].to == ["new@example.org"]
    # In any browser: the mail may be read elsewhere.
    assert Client().post(path, fields).status_code == 303
    assert User.objects.get(pk=alice.pk).email == "new@example.org"
    assert mail.outbox[-1].to == ["Alice@example.org"]
    assert "was changed" in mail.outbox[-1].subject


def test_a_change_that_was_withdrawn_or_replaced_cannot_be_confirmed(signed_in, alice):
    change_address(signed_in)
    change_address(signed_in, "newer@example.org")
    signed_in.post("/accounts/me/address/withdraw/")
    for message in mail.outbox:
        path, fields = link_of(message)
        assert signed_in.post(path, fields).status_code == 410
    assert User.objects.get(pk=alice.pk).email == "Alice@example.org"


def test_the_address_of_somebody_else_is_asked_for_without_learning_that_it_is(signed_in, olga):
    known = change_address(signed_in, "OLGA@example.org")
    page_known = signed_in.get(ME).content.decode()
    unknown = change_address(signed_in, "free@example.org")
    page_unknown = signed_in.get(ME).content.decode()
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "olga@example.org waits" in page_known
    assert "free@example.org waits" in page_unknown
    told = [message for message in mail.outbox if message.to == ["olga@example.org"]]
    assert len(told) == 1
    assert "/confirm/" not in told[0].body
    assert User.objects.get(pk=olga.pk).email == "olga@example.org"


def test_changing_the_address_takes_the_password(signed_in):
    answer = change_address(signed_in, password="wrong")
    assert "The password is not right" in answer.content.decode()
    assert not mail.outbox
    assert not EmailAddress.objects.exists()


def test_two_who_wait_for_one_address_do_not_both_get_it(signed_in, alice, bob):
    change_address(signed_in)
    other = Client()
    other.force_login(bob)
    change_address(other)
    links = [link_of(message) for message in mail.outbox]
    assert [Client().post(path, fields).status_code for path, fields in links] == [303, 410]
    assert User.objects.filter(email="new@example.org").count() == 1


def test_sign_ins_are_listed_and_ended(signed_in, alice, bob):
    other, stranger = Client(), Client()
    form = {"username": "alice", "password": PASSWORD}
    other.post("/accounts/sign-in/", form, headers={"user-agent": "Netscape <3>"})
    stranger.force_login(bob)
    family = token_pair_issue(person=bob)
    token_pair_issue(person=alice)
    page = signed_in.get(ME).content.decode()
    assert "Netscape &lt;3&gt;" in page
    assert "This browser" in page
    assert "A program, by token" in page
    for session in (other, signed_in, stranger):
        assert session.session.session_key not in page
    assert family.access not in page
    signed_in.post("/accounts/me/sign-ins/end/", {"which": "others"})
    assert other.get(ME).status_code == 302
    assert signed_in.get(ME).status_code == 200
    assert stranger.get(ME).status_code == 200
    assert TokenFamily.objects.get(person=alice).revoked_at is not None
    assert TokenFamily.objects.get(person=bob).revoked_at is None


def test_one_sign_in_is_ended_and_nobody_elses(signed_in, alice, bob):
    other = Client()
    other.force_login(alice)
    token_pair_issue(person=bob)
    row = alice.browser_sign_ins.get(session_key=other.session.session_key)
    foreign = TokenFamily.objects.get(person=bob)
    for which in (row.pk, foreign.pk, "", "x", "9" * 40, "-1", "٣"):
        assert signed_in.post("/accounts/me/sign-ins/end/", {"which": which}).status_code == 303
    assert other.get(ME).status_code == 302
    assert signed_in.get(ME).status_code == 200
    assert TokenFamily.objects.get(person=bob).revoked_at is None


def test_the_account_page_takes_few_queries(signed_in, alice, django_assert_max_num_queries):
    for _ in range(20):
        token_pair_issue(person=alice)
        Client().force_login(alice)
    with django_assert_max_num_queries(8):
        signed_in.get(ME)


@pytest.mark.parametrize("path", ["", "address/", "password/", "delete/", "sign-ins/end/"])
def test_forms_of_other_sites_change_nothing(alice, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(f"{ME}{path}", {"own_password": PASSWORD}).status_code == 403


def test_account_pages_are_kept_by_nobody(signed_in):
    for path in ("", "address/", "password/", "second-factor/on/", "delete/"):
        assert "no-store" in signed_in.get(f"{ME}{path}")["Cache-Control"]


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "unknown"),
        ("日" * 500, "日" * 60),
    ],
)
def test_browsers_are_told_in_words(agent, shown):
    assert browser_name(agent) == shown
