"""What one account leaves behind, and what of others' it never touches."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.core.mail import EmailMessage
from django.test import Client

from academy.accounts.errors import SignedOutError
from academy.accounts.models import BrowserSignIn, Role, User
from academy.accounts.selectors import is_anonymised, person_by_name
from academy.accounts.services import (
    person_anonymise,
    person_deactivate,
    token_pair_issue,
)
from academy.accounts.sockets import authenticate_socket
from academy.accounts.tests.conftest import PASSWORD, alice, bob, link_of, olga, silent_cache
from academy.accounts.tests.test_admin import change
from learning.courses.models import Course
from learning.enrolments.models import Enrolment, EnrolmentList, EnrolmentListLine
from notifications.email.models import OutgoingMail
from notifications.email.personal import mails_of

__all__ = ["alice", "bob", "olga", "silent_cache"]


@pytest.fixture
def desk(client, olga):
    client.force_login(olga)
    return client


@pytest.fixture
def queued(settings):
    settings.EMAIL_BACKEND = "notifications.email.backends.QueuedBackend"


def test_whoever_leaves_takes_nothing_of_an_address_that_they_only_asked_for(
    client, alice, olga, queued
):
    course = Course.objects.create(slug="c", title="C", owner=olga)
    sent = EnrolmentList.objects.create(course=course, sent_by=olga, line_count=1)
    EnrolmentListLine.objects.create(list=sent, number=1, who="victim@example.org")
    User.objects.create_user("victim", "victim@example.org", PASSWORD)
    Client().post("/accounts/reset/", {"email": "victim@example.org"})
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    client.force_login(alice)
    asked = {"email": "victim@example.org", "own_password": PASSWORD}
    assert client.post("/accounts/me/address/", asked).status_code in {302, 303}
    assert client.post("/accounts/me/delete/", {"own_password": PASSWORD}).status_code in {302, 303}
    alice.refresh_from_db()
    assert is_anonymised(alice)
    assert before <= set(OutgoingMail.objects.values_list("pk", flat=True))
    assert EnrolmentListLine.objects.get().who == "victim@example.org"


def test_an_address_that_operators_gave_to_another_is_the_others_alone(desk, alice, queued):
    User.objects.filter(pk=alice.pk).update(email="shared@example.org")
    alice.refresh_from_db()
    own = EmailAddress.objects.create(
        user=alice, email="shared@example.org", verified=True, primary=True
    )
    assert change(desk, alice, email="alice2@example.org").status_code == 302
    assert not EmailAddress.objects.filter(pk=own.pk).exists()
    # As rows are that were written before they were taken away.
    own.save(force_insert=True)
    yves = User.objects.create_user("yves", "", PASSWORD)
    assert change(desk, yves, email="shared@example.org").status_code == 302
    EmailMessage("For Yves alone", "x", None, ["shared@example.org"]).send()
    assert list(mails_of(alice.pk)) == []
    assert len(list(mails_of(yves.pk))) == 1


def test_the_log_of_the_admin_forgets_names_with_the_person(desk, alice, bob, olga):
    course = Course.objects.create(slug="c", title="C", owner=olga)
    seat = Enrolment.objects.create(course=course, person=alice)
    assert change(desk, alice, display_name="Alice Original").status_code == 302
    assert change(desk, bob, display_name="Bob Original").status_code == 302
    LogEntry.objects.log_actions(
        olga.pk, [Enrolment.objects.get(pk=seat.pk)], 2, "changed", single_object=True
    )
    assert "Alice Original" in desk.get("/admin/").content.decode()
    person_anonymise(person_id=alice.pk)
    kept = sorted(LogEntry.objects.values_list("object_repr", flat=True))
    assert kept == ["Bob Original", "Deleted person", "Deleted person"]
    assert "Alice Original" not in desk.get("/admin/").content.decode()


def test_the_log_names_nobody_who_stands_beside_what_was_changed(desk, alice, course_form):
    form = course_form(alice)
    assert desk.post(form.pop("path"), form).status_code == 302
    told = LogEntry.objects.latest("pk")
    assert "Added" in told.get_change_message()
    assert "Alice" not in told.change_message


@pytest.fixture
def course_form(olga):
    course = Course.objects.create(slug="c", title="C", owner=olga)

    def make(person):
        form = {
            "path": f"/admin/learning/course/{course.pk}/change/",
            "slug": "c", "title": "C", "summary": "", "description": "", "language": "en",
            "level": "", "owner": olga.pk, "visibility": course.visibility, "price": 0,
            "currency": course.currency, "release_policy": course.release_policy,
        }  # fmt: skip
        for inline in ("sections", "figures", "grants"):
            form |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
        staff = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-person": person.pk, "0-role": "assistant"}
        return form | {f"staff-{name}": value for name, value in staff.items()}

    return make


def test_who_was_deactivated_can_still_be_anonymised(desk, alice, olga):
    person_deactivate(person_id=alice.pk, acting_user=olga)
    form = {"action": "anonymise", "_selected_action": [str(alice.pk)], "confirmed": "yes"}
    answer = desk.post("/admin/accounts/user/", form, follow=True)
    assert "1 account is gone" in answer.content.decode()
    alice.refresh_from_db()
    assert is_anonymised(alice)
    assert alice.email == ""


def test_what_operators_do_to_people_stands_in_the_log(desk, alice, olga):
    def act(action):
        form = {"action": action, "_selected_action": [str(alice.pk)], "confirmed": "yes"}
        desk.post("/admin/accounts/user/", form)

    for action in ("deactivate", "activate", "anonymise"):
        act(action)
    told = LogEntry.objects.filter(object_id=str(alice.pk)).order_by("pk")
    assert [entry.change_message for entry in told] == ["Deactivated", "Activated", "Anonymised"]
    assert {entry.user_id for entry in told} == {olga.pk}
    assert {entry.object_repr for entry in told} == {"Deleted person"}


def test_the_form_lets_nobody_into_a_deleted_account(desk, alice):
    person_anonymise(person_id=alice.pk)
    alice.refresh_from_db()
    answer = change(desk, alice, email="x@example.org")
    assert "deleted for good" in str(answer.context["adminform"].form.errors)
    alice.refresh_from_db()
    assert is_anonymised(alice)


def test_the_form_lets_no_operator_shut_themselves_out(desk, olga):
    User.objects.create_user("otto", role=Role.OPERATOR)
    answer = change(desk, olga, is_active=None)
    assert "Nobody shuts themselves out" in str(answer.context["adminform"].form.errors)
    olga.refresh_from_db()
    assert olga.is_active


def test_a_session_that_began_anew_with_somebodys_password_can_be_ended(desk, alice, olga):
    before = desk.session.session_key
    word = "zweiundvierzig!x"
    form = {"usable_password": "true", "password1": word, "password2": word, "set-password": "1"}
    assert desk.post(f"/admin/accounts/user/{alice.pk}/password/", form).status_code == 302
    assert desk.session.session_key != before
    assert BrowserSignIn.objects.filter(session_key=desk.session.session_key).exists()
    there = Client()
    there.force_login(olga)
    there.post("/accounts/me/sign-ins/end/", {"which": "others"})
    assert desk.get("/accounts/me/").status_code == 302


def test_a_ticket_is_good_for_as_long_as_the_sign_in_that_it_stands_for(client, alice):
    def ticket(pair):
        headers = {"Authorization": f"Bearer {pair.access}"}
        return client.post("/api/auth/ws-ticket/", headers=headers).json()["ticket"]

    def opened(ticket):
        return authenticate_socket({"query_string": f"ticket={ticket}".encode(), "headers": []})

    pair = token_pair_issue(person=alice)
    assert opened(ticket(pair)).person == alice
    late = ticket(pair)
    revoke = {"refresh": pair.refresh}
    client.post("/api/auth/revoke/", revoke, content_type="application/json")
    with pytest.raises(SignedOutError):
        opened(late)


@pytest.mark.parametrize("typed", ["Élise", "élise", "ÉLISE", " Élise "])
def test_a_user_name_is_known_in_any_case_of_any_script(client, db, typed):
    elise = User.objects.create_user("Élise", "", PASSWORD)
    assert person_by_name(typed) == elise
    form = {"username": typed, "password": PASSWORD}
    assert client.post("/accounts/sign-in/", form).status_code == 302


def test_no_two_people_have_names_that_differ_in_case_alone(desk, bob):
    User.objects.create_user("Élise", "", PASSWORD)
    answer = change(desk, bob, username="ÉLISE")
    assert "already exists" in str(answer.context["adminform"].form.errors)


def test_what_if_match_does_not_name_is_refused_like_all_else(client, alice):
    client.force_login(alice)
    refused = client.get("/api/me/", headers={"If-Match": '"x"'})
    assert refused.status_code == 412
    assert refused.json()["errors"][0]["code"] == "precondition_failed"
    dated = {"If-Unmodified-Since": "Wed, 21 Oct 2099 07:28:00 GMT"}
    assert client.get("/api/me/", headers=dated).status_code == 200
    etag = client.get("/api/me/")["ETag"]
    assert client.get("/api/me/", headers={"If-None-Match": etag}).status_code == 304


def test_a_newer_link_of_confirmation_spends_the_older(client, db, mailoutbox):
    form = {"display_name": "N", "email": "n@example.org", "password": PASSWORD}
    client.post("/accounts/sign-up/", form)
    older = link_of(mailoutbox[-1])
    time.sleep(1.1)  # the links are signed to the second
    client.post("/accounts/reset/", {"email": "n@example.org"})
    newer = link_of(mailoutbox[-1])
    assert client.post(*older).status_code == 410
    assert client.post(*newer).status_code in {302, 303}


def test_a_page_of_one_person_does_nothing_in_the_name_of_another(client, alice, bob):
    client.force_login(bob)
    assert client.get("/api/me/", headers={"X-Person": str(bob.pk)}).status_code == 200
    refused = client.get("/api/me/", headers={"X-Person": str(alice.pk)})
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["code"] == "not_authenticated"

    def opened(query):
        headers = {"cookie": f"sessionid={client.cookies['sessionid'].value}", "host": "testserver"}
        headers["origin"] = "http://testserver"
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return authenticate_socket({"query_string": query, "headers": pairs}).person

    assert opened(b"") == bob
    assert opened(f"person={bob.pk}".encode()) == bob
    with pytest.raises(SignedOutError):
        opened(f"person={alice.pk}".encode())
