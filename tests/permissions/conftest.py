import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings

from academy.platform.rates import parse_rate
from tests.permissions.world import make_world


@pytest.fixture(scope="module")
def shared_world(django_db_setup, django_db_blocker, tmp_path_factory):
    """One world for all questions of a module; whoever asks undoes what the question changed."""
    # A request through WSGI would close the connection, and the world with it.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    folders = override_settings(FILES_DIR=tmp_path_factory.mktemp("files"))
    with folders, django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(shared_world, django_db_blocker, settings):
    """The world as it was made, whatever was asked before; nothing is limited."""
    settings.RATES = dict.fromkeys(settings.RATES, parse_rate("1000000/s"))
    with django_db_blocker.unblock(), transaction.atomic():
        yield shared_world
        transaction.set_rollback(True)
