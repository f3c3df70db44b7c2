"""Addresses of people's own data; written out and tested against the routes, as for lessons."""

import uuid


def portrait_path(portrait_id: uuid.UUID) -> str:
    """Where the person downloads it."""
    return f"/api/me/export/{portrait_id}/download/"
