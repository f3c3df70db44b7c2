"""`manage.py permissions_docs [--check]`: `docs/permissions.md`."""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from academy.accounts.permissions import declared
from learning.rights.table import COURSE_ACTIONS, CourseRole

_HEAD: Final = """\
# Permissions

One function answers "may this person do this to that?": `may(person, action, row)` in
`academy.accounts.permissions`; `require` raises where the answer is no. API, pages, sockets and
downloads ask it and decide nothing themselves. Who judges what is declared by the room that owns
the row (`declare(actions, judge, of=Model)`). This page is written by `make docs` from the same
declarations.

The admin is the one place that does not ask it: Django's own question, `User.has_perm`, is answered
yes to every active operator and no to everybody else. What an operator cannot do there (add, change
or delete history) is refused by the page of the model, see [the admin](admin.md).

What a refusal looks like:

| Verdict | Answer | Socket |
| --- | --- | --- |
| hidden: they may not even know of it | 404, the same as for a missing one | 4403 |
| refused, and nobody is signed in | 401 (API), the sign-in page (pages) | 4401 |
| refused to somebody who may see it | 403 | 4403 |

## Roles
`learner`, `instructor` and `operator` are roles of a person. An operator may do everything but
learn in a course without being enrolled; an instructor may make courses. All else depends on what
somebody is to one course, the first that holds: operator, owner, co-instructor, assistant (sees
what instructors see, and changes nothing), learner (enrolled, and the enrolment is open now),
person (signed in), stranger.

## Actions on a course
"""
_TAIL: Final = """
`course.see`: staff always; others once it is published, and not where it is for enrolled people
only. `course.enrol`: whoever is signed in and sees it. `course.create`: instructors and operators.

## Lessons
| What | Who |
| --- | --- |
| all of it | staff; everybody where it is free; enrolled people and those whom an operator let in where it is premium |
| its first fifth | everybody else where it is premium |
| its title and when it opens | learners before an opening rule holds, and strangers where there is such a rule |
| the draft | staff; instructors and operators export it, marked as a draft |

A document is downloaded by those who may read its lesson in full at that moment. A job is seen and
stopped by those whose request made or joined it, and by operators. The admin is for operators.

## Every declared action
"""


class Command(BaseCommand):
    help = "Write docs/permissions.md from the declared actions."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when it is not current"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "permissions.md"
        text = page()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return
        if options["check"]:
            message = f"{path.name} is not current: run `make docs`."
            raise CommandError(message)
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"Wrote {path.name}.")


def page() -> str:
    """The page as it should be."""
    every = [f"| `{action}` | {model or '-'} |" for action, model in declared()]
    lines = [_HEAD, *_table(), _TAIL, "| Action | On |", "| --- | --- |", *every]
    return "\n".join(lines) + "\n"


def _table() -> list[str]:
    names = [role.value.replace("_", "-") for role in CourseRole]
    return [
        "| Action | " + " | ".join(names) + " |",
        "| --- |" + " --- |" * len(names),
        *(
            f"| `{action}` | "
            + " | ".join("yes" if role in allowed else "" for role in CourseRole)
            + " |"
            for action, allowed in COURSE_ACTIONS.items()
        ),
    ]
