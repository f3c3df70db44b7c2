"""Fixtures of every test; roles are alice (learner), bob (another), ingrid (instructor), olga (operator)."""

import pytest

from tests.stack import Stack


@pytest.fixture(scope="session")
def stack():
    """One whole academy for all tests that only use it as its users would."""
    with Stack() as running:
        yield running
