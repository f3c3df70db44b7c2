"""Where the pages of a class are; written out and tested against the routes."""


def class_path(course_slug: str) -> str:
    """The class's page."""
    return f"/courses/{course_slug}/class/"


def learner_path(course_slug: str, enrolment_id: int) -> str:
    """One learner's page."""
    return f"/courses/{course_slug}/class/{enrolment_id}/"
