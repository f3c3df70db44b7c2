"""Addresses of files of classes; written out and tested against the routes."""

import uuid


def class_download_path(export_id: uuid.UUID) -> str:
    """Where the file is downloaded."""
    return f"/api/exports/classes/{export_id}/download/"


def class_export_api_path(course_slug: str) -> str:
    """Where programs ask for a file of the class."""
    return f"/api/courses/{course_slug}/class/export/"


def class_export_form_path(course_slug: str) -> str:
    """Where the form on the class's page goes."""
    return f"/courses/{course_slug}/class/csv/"
