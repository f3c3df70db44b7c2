"""Who may see the mailbox page."""

from collections.abc import Iterable
from typing import Final

from academy.environment.declaration import SettingError

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})


def mailbox_shown(
    *, asked: bool | None, demo: bool, mail_url: str, https: bool, hosts: Iterable[str]
) -> bool:
    """Whether the mails of everybody are shown to whoever asks: only ever on a developer's machine.

    `asked` None: as the others suggest.

    Raises:
        SettingError: it is asked for where strangers could see it.
    """
    is_private = not https and frozenset(hosts) <= _LOOPBACK
    if asked and not is_private:
        message = (
            "ACADEMY_MAILBOX shows links that open other people's accounts: it cannot be on with "
            "ACADEMY_HTTPS, nor with names in ACADEMY_ALLOWED_HOSTS beyond 127.0.0.1, localhost "
            "and [::1]."
        )
        raise SettingError(message)
    if asked is None:
        return is_private and demo and not mail_url
    return asked
