"""`manage.py import_course`: a folder of Markdown becomes a course."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.accounts.models import User
from academy.accounts.selectors import person_by_address
from learning.courses.errors import ImportRefusedError
from learning.courses.services.importing import ImportReport, course_import


class Command(BaseCommand):
    help = "Import a course from a folder of Markdown files. Running it twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the folder")
        parser.add_argument("--slug", help="the course's address; default: the folder's name")
        parser.add_argument(
            "--publish", action="store_true", help="publish the folder's lessons as a release"
        )
        parser.add_argument(
            "--owner",
            metavar="NAME",
            help="the course's owner: a user name, or a confirmed e-mail address",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            report = course_import(
                folder=options["path"],
                slug=options["slug"],
                publish=options["publish"],
                owner_id=self._owner_id(options["owner"]),
            )
        except ImportRefusedError as error:
            lines = "\n".join(error.problems)
            raise CommandError(f"{lines}\n{_('Nothing was imported.')}") from None
        for warning in report.warnings:
            self.stderr.write(f"{_('Warning:')} {warning}")
        for line in described(report):
            self.stdout.write(line)

    def _owner_id(self, name: str | None) -> int | None:
        if name is None:
            return None
        named = User.objects.filter(username__iexact=name).first()
        owner = named or person_by_address(name)
        if owner is None:
            raise CommandError(_("Nobody is called “%s”.") % name)
        return int(owner.pk)


def described(report: ImportReport) -> list[str]:
    """The report in lines for a terminal."""
    if not report.is_changed:
        return [_("%s: nothing changed.") % report.slug]
    count = ngettext("%(n)d lesson", "%(n)d lessons", report.lesson_count)
    count %= {"n": report.lesson_count}
    lines = [f"{report.slug}: {report.title}, {count}"]
    if report.release:
        lines.append(_("published as release %d") % report.release)
    groups = (
        (_("new"), report.created),
        (_("changed"), report.changed),
        (_("no longer in the folder, now drafts"), report.withdrawn),
        (_("figures"), report.figures),
    )
    return lines + [f"  {label}: {', '.join(names)}" for label, names in groups if names]
