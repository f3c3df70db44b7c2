"""Addresses of exports.

Written out and tested against the routes: a worker that says where its document is would
otherwise load every view of the academy.
"""

import uuid


def download_path(export_id: uuid.UUID) -> str:
    """Where the document is downloaded."""
    return f"/api/exports/{export_id}/download/"


def export_api_path(permalink: str) -> str:
    """Where programs ask for a document of the lesson."""
    return f"/api/lessons/{permalink}/export/"


def export_form_path(permalink: str) -> str:
    """Where the form on the lesson's page goes."""
    return f"/courses/{permalink}/export/"
