"""`manage.py rebuild_progress [COURSE]`: progress made anew from its events."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from learning.enrolments.models import Enrolment
from learning.enrolments.selectors import course_called
from learning.progress.services import progress_rebuild


class Command(BaseCommand):
    help = (
        "Makes everybody's progress anew from the events, and says what differed. "
        "Safe at any time; a second run finds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("course", nargs="?", help="Slug or id of a course; missing: all.")

    def handle(self, *_args: Any, **options: Any) -> None:
        enrolments = Enrolment.objects.order_by("course_id", "pk")
        if options["course"] is not None:
            course = course_called(options["course"])
            if course is None:
                message = f"There is no course {options['course']}."
                raise CommandError(message)
            enrolments = enrolments.filter(course_id=course.pk)
        looked_at = changed = 0
        # Ids first: each learner is rebuilt in a transaction of their own.
        for pk in list(enrolments.values_list("pk", flat=True)):
            looked_at += 1
            differences = progress_rebuild(enrolment_id=pk)
            changed += bool(differences)
            for difference in differences:
                self.stdout.write(f"enrolment {pk}: {difference}")
        self.stdout.write(f"{looked_at} looked at, {changed} changed.")
