"""Two who do the same at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.db import connection
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from academy.accounts.errors import FactorStateError, LinkSpentError
from academy.accounts.models import User
from academy.accounts.services import (
    address_change_ask,
    address_confirm,
    factor_switch_on,
    password_reset,
    person_anonymise,
    person_sign_up,
)
from academy.accounts.tests.conftest import PASSWORD, Factor, link_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each of the calls, begun together, came to: its result or its refusal."""
    barrier = Barrier(len(calls))

    def begin(call):
        barrier.wait(timeout=10)
        try:
            return call()
        except (FactorStateError, LinkSpentError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def refusals(results):
    return sum(isinstance(result, Exception) for result in results)


def test_of_two_who_confirm_one_address_one_has_it(transactional_db):
    for name in ("a", "b"):
        person_sign_up(address="x@example.org", password=PASSWORD, display_name=name, language="en")
    keys = [link_of(message)[1]["key"] for message in mail.outbox]
    results = at_once(*(lambda key=key: address_confirm(key=key) for key in keys))
    assert refusals(results) == 1
    assert User.objects.get(email="x@example.org") in results


def test_who_confirms_an_address_and_deletes_the_account_at_once_waits_for_nobody(transactional_db):
    for number in range(8):
        person = User.objects.create_user(f"p{number}", f"old{number}@example.org", PASSWORD)
        mail.outbox.clear()
        address_change_ask(person=person, address=f"new{number}@example.org")
        key = link_of(mail.outbox[-1])[1]["key"]
        results = at_once(
            lambda key=key: address_confirm(key=key),
            lambda pk=person.pk: person_anonymise(person_id=pk),
        )
        assert results[1] is None
        person.refresh_from_db()
        assert (person.is_active, person.email) == (False, "")


def test_of_two_who_use_one_reset_link_one_sets_the_password(transactional_db):
    person = User.objects.create_user("alice", "alice@example.org", PASSWORD)
    link = {
        "uid": urlsafe_base64_encode(force_bytes(person.pk)),
        "token": default_token_generator.make_token(person),
    }
    wanted = [f"an entirely new secret {number}" for number in range(4)]
    results = at_once(*(lambda text=text: password_reset(**link, password=text) for text in wanted))
    assert refusals(results) == 3
    winner = next(n for n, result in enumerate(results) if not isinstance(result, Exception))
    assert User.objects.get().check_password(wanted[winner])


def test_a_second_factor_is_switched_on_once(transactional_db):
    person = User.objects.create_user("alice", "", PASSWORD)
    factor = Factor.__new__(Factor)
    factor.secret = "JBSWY3DPEHPK3PXP"
    code = factor.code()
    results = at_once(
        *[lambda: factor_switch_on(person=person, secret=factor.secret, code=code)] * 3
    )
    assert refusals(results) == 2
