"""A statement that failed holds nothing that another thread would wait for.

Whatever error Django raises for the database is part of a cycle, and the cursor with it, so both
stay until the garbage is collected: by any thread, at any moment. Python then resets the cursor's
statement under the lock of its connection to SQLite, and a statement that waits for the database
holds that lock as long as it waits. So whoever has the write lock could wait for one who waits for
it, until that one gives up. A closed cursor has no statement.
"""

from collections.abc import Callable
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver


@receiver(connection_created, dispatch_uid="academy.close_what_failed")
def _watch(*, connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    if connection.vendor == "sqlite" and close_what_failed not in connection.execute_wrappers:
        connection.execute_wrappers.append(close_what_failed)


def close_what_failed(execute: Callable[..., Any], *question: Any) -> Any:
    """A wrapper of Django's `execute`: the cursor is closed before its error goes on."""
    try:
        return execute(*question)
    except Error:
        context = question[-1]
        context["cursor"].close()
        raise
