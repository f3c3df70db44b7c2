"""Courses change here, and what is rendered from them follows."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from academy.platform.documents.errors import TooComplexError
from academy.platform.documents.markdown import Figure, parse
from academy.platform.documents.page import to_page_html
from academy.platform.documents.text import clean_line, clean_text
from academy.platform.errors import InvalidInputError
from learning.courses.models import MAX_DESCRIPTION_CHARACTERS, Course, CourseAddress
from learning.lessons.services import lessons_refresh


def description_html(description: str) -> str:
    """The description as the course's page shows it; short enough to be made in a request.

    Raises:
        InvalidInputError: it is too long or too deeply nested.
    """
    if len(description) > MAX_DESCRIPTION_CHARACTERS:
        raise InvalidInputError(
            _("A description has at most %(limit)d characters; this one has %(count)d.")
            % {"limit": MAX_DESCRIPTION_CHARACTERS, "count": len(description)},
            attr="description",
        )
    try:
        document = parse(description, figures={})
    except TooComplexError as error:
        raise InvalidInputError(str(error), attr="description") from error
    return to_page_html(document, figure_url=_no_figure)


def _no_figure(figure: Figure) -> str:
    return figure.name


@transaction.atomic
def course_save(*, course: Course) -> Course:
    """The course is stored as it stands; a new slug leaves the old one as an address.

    Lessons whose documents name what changed are rendered anew by jobs.

    Raises:
        InvalidInputError: the description cannot be used; nothing was stored.
    """
    before = Course.objects.select_for_update(of=("self",)).filter(pk=course.pk).first()
    course.title = clean_line(course.title)
    course.summary = clean_line(course.summary)
    course.description = clean_text(course.description)
    course.description_html = description_html(course.description)
    course.updated_at = Now()
    course.save()
    course.refresh_from_db(fields=["updated_at"])
    CourseAddress.objects.filter(slug=course.slug).delete()
    if before and before.slug != course.slug:
        CourseAddress.objects.update_or_create(slug=before.slug, defaults={"course": course})
    lessons_refresh(course_id=course.pk)
    return course


def owner_renamed(*, person_id: int) -> None:
    """Documents of the person's courses name their author as they are called now."""
    for course_id in Course.objects.filter(owner_id=person_id).values_list("pk", flat=True):
        lessons_refresh(course_id=course_id)
