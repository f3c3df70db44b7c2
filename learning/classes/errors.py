"""Refusals of class pages."""

from academy.platform.errors import NotFoundError


class LearnerNotFoundError(NotFoundError):
    """Nobody in this class has that address."""


class ActionNotFoundError(NotFoundError):
    """Nothing of that name can be done to a learner."""
