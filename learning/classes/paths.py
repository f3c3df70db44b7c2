"""Where the pages of a class are; written out and tested against the routes."""

import uuid


def class_path(course_slug: str) -> str:
    """The class's page."""
    return f"/courses/{course_slug}/class/"


def list_path(course_slug: str, list_id: uuid.UUID) -> str:
    """The report on a list of people."""
    return f"/courses/{course_slug}/class/list/{list_id}/"


def learner_path(course_slug: str, enrolment_id: int) -> str:
    """One learner's page."""
    return f"/courses/{course_slug}/class/{enrolment_id}/"
