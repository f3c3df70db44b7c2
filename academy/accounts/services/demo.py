"""The accounts of the demo."""

from typing import Final

from academy.accounts.models import Role, User

DEMO_ACCOUNTS: Final = (
    ("learner", Role.LEARNER, "Lena Learner"),
    ("instructor", Role.INSTRUCTOR, "Ines Instructor"),
    ("operator", Role.OPERATOR, "Otto Operator"),
)


def demo_accounts_ensure(*, password: str | None, first_password: str | None = None) -> list[str]:
    """Learner, instructor and operator exist; returns the names of those that are new.

    A `password` is theirs from now on. Without one passwords that exist stay, and new accounts
    get `first_password`, or cannot sign in when there is none either.
    """
    made: list[str] = []
    for name, role, display_name in DEMO_ACCOUNTS:
        person = User.objects.filter(username=name).first()
        if person is None:
            made.append(name)
            person = User(
                username=name,
                role=role,
                display_name=display_name,
                email=f"{name}@academy.example",
                is_superuser=role == Role.OPERATOR,
            )
            person.set_password(password or first_password)
            person.save()
        elif password is not None and not person.check_password(password):
            person.set_password(password)
            person.save(update_fields=["password"])
    return made
