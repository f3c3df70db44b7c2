"""Pages as the server makes them, and a browser that starts once they are made."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from playwright.sync_api import sync_playwright

from tests.browser.chromium import ARGUMENTS, EXECUTABLE


@contextmanager
def making(django_db_blocker, **more):
    """What is made inside is undone; static files have their own names."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with (
        override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}, **more),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)


@contextmanager
def browser_beside_the_database():
    """Nobody asks the database any more: the tests' own transactions stay empty.

    Django would refuse even those to a thread in which Playwright's loop runs.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        running = playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        yield running
        running.close()
