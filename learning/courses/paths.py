"""Where the pages of a course are.

Written out and tested against the routes: a worker that renders links would otherwise load
every view of the academy for them.
"""

from urllib.parse import quote


def reads_as_id(name: str) -> bool:
    """Whether programs mean a course's number by it: digits alone, which no new slug may be."""
    return name.isascii() and name.isdigit()


def course_path(slug: str) -> str:
    """The course's page."""
    return f"/courses/{slug}/"


def lesson_path(permalink: str) -> str:
    """The lesson's page."""
    return f"/courses/{permalink}/"


def figure_path(course_slug: str, name: str, *, digest: str) -> str:
    """The figure's bytes; the digest makes the answer cacheable until the figure changes."""
    return f"/courses/{course_slug}/figures/{quote(name)}?v={digest[:16]}"
