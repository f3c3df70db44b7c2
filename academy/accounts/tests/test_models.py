import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from academy.accounts.models import Role, User


@pytest.mark.parametrize(
    ("username", "email"), [("alice", "x@example.org"), ("other", "ALICE@example.ORG")]
)
def test_names_and_addresses_are_unique_whatever_their_case(alice, username, email):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(username, email)


def test_many_people_may_have_no_address(bob):
    User.objects.create_user("carol", "")
    assert User.objects.filter(email="").count() == 2


def test_staff_are_the_operators_and_only_they(alice):
    alice.is_staff = True
    alice.save()
    assert not User.objects.get(pk=alice.pk).is_staff
    alice.role = Role.OPERATOR
    alice.save(update_fields=["role"])
    assert User.objects.get(pk=alice.pk).is_staff


def test_an_operator_may_do_everything_in_the_admin_and_a_learner_nothing(alice, olga):
    assert olga.has_perm("accounts.change_user")
    assert olga.has_module_perms("accounts")
    assert not alice.has_perm("accounts.change_user")
    olga.is_active = False
    assert not olga.has_perm("accounts.change_user")


def test_whoever_was_an_operator_may_nothing_in_the_admin_any_more(db):
    root = User.objects.create_superuser("root")
    assert root.has_perm("accounts.change_user")
    root.role = Role.LEARNER
    root.save()
    assert not root.has_perm("accounts.change_user")
    assert not root.has_module_perms("accounts")


def test_a_time_zone_is_one_that_exists(alice):
    alice.time_zone = "Mars/Olympus"
    with pytest.raises(ValidationError):
        alice.full_clean()
