"""Passwords: changed by whoever knows the old one, or reset by whoever reads the mail."""

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from academy.accounts.errors import LinkSpentError, PasswordWeakError
from academy.accounts.letters import letter_send, link
from academy.accounts.models import User
from academy.accounts.selectors import person_by_address, person_by_name, unconfirmed_address
from academy.accounts.services.sign_ins import sign_ins_end
from academy.accounts.services.sign_ups import confirmation_again


@transaction.atomic
def password_reset_ask(*, address: str, language: str) -> None:
    """A mail is on its way to the address, whoever has it.

    To an account: the link that sets a new password. To an account that waits for its confirmation:
    that link again. To nobody's address: that there is no account. So every answer takes the same
    time, and whoever mistook the address learns it by mail.
    """
    person = person_by_address(address)
    if person is not None:
        uid = urlsafe_base64_encode(force_bytes(person.pk))
        token = default_token_generator.make_token(person)
        url = link(reverse("accounts:new-password"), person=uid, token=token)
        letter_send("reset", to=person.email, language=person.language, name=str(person), url=url)
        return
    waiting = person_by_name(address)
    row = unconfirmed_address(waiting) if waiting is not None and waiting.is_active else None
    if row is not None and row.email == address.strip().lower():
        confirmation_again(row=row)
        return
    sign_up = link(reverse("accounts:sign-up"))
    letter_send("reset_unknown", to=address.strip(), language=language, sign_up=sign_up)


def person_of_reset(*, uid: str, token: str) -> User:
    """The person whose password the link may set.

    Raises:
        LinkSpentError: it was used, is older than an hour, or is none of ours; also after any
            sign-in, and after any change of password or address since it was sent.
    """
    try:
        person = User.objects.filter(pk=int(urlsafe_base64_decode(uid)), is_active=True).first()
    except (ValueError, OverflowError):
        person = None
    if person is None or not default_token_generator.check_token(person, token):
        raise LinkSpentError
    return person


def password_reset(*, uid: str, token: str, password: str) -> User:
    """The link is spent, the password is this one, and every sign-in of the person has ended.

    Raises:
        LinkSpentError: the link is not good, or not any more.
        PasswordWeakError: the password is too easy to guess.
    """
    _require_strong(password, person_of_reset(uid=uid, token=token))
    with transaction.atomic():
        person = person_of_reset(uid=uid, token=token)
        # Two who use one link at once are one after the other: for the second it is spent.
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        person = person_of_reset(uid=uid, token=token)
        _set(person, password)
        sign_ins_end(person_id=person.pk)
    return person


@transaction.atomic
def password_change(*, person: User, password: str, session_key: str) -> None:
    """The password is this one, and every sign-in but the present session has ended.

    The caller has confirmed the person, and renews the session's hash.

    Raises:
        PasswordWeakError: the password is too easy to guess.
    """
    _require_strong(password, person)
    _set(person, password)
    sign_ins_end(person_id=person.pk, except_session=session_key)


def _set(person: User, password: str) -> None:
    person.set_password(password)
    person.save(update_fields=["password"])
    if person.email:
        letter_send(
            "password_changed",
            to=person.email,
            language=person.language,
            name=str(person),
            reset=link(reverse("accounts:reset")),
        )


def _require_strong(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PasswordWeakError(" ".join(error.messages), attr="password") from None
