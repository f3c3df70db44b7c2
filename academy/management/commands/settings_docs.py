"""`manage.py settings_docs [--check]`: `.env.example` and `docs/settings.md`."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from academy.environment.declaration import Setting
from academy.environment.declared import DECLARED
from academy.environment.paths import DEFAULT_PORT

_PAGE_HEAD = f"""\
# Settings

Every setting is an environment variable; a file `.env` beside `manage.py` is read too, and the
environment wins over it. A setting that is unknown or malformed stops the process, which names it
and never prints its value. This page and `.env.example` are written by `make docs`.

`PORT` (default {DEFAULT_PORT}) is the port of `make run`.

URLs of Redis or Valkey: `redis://[user:password@]host[:port][/db]`, the same with `rediss://` for
TLS (`?ssl_ca_certs=/path/ca.pem` names an authority of your own), and
`unix://[user:password@]/path/to.sock[?db=0]`. Characters such as `@`, `/` or `#` in a user, a
password or a path are percent-encoded. Of databases: `postgres://user:password@host:port/name`,
`postgres:///name?host=/var/run/postgresql` for a unix socket, `sqlite:////path/to/file`.
"""


class Command(BaseCommand):
    help = "Write .env.example and docs/settings.md from the declared settings."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail when they are not current"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        for path, text in pages(settings.BASE_DIR).items():
            if path.is_file() and path.read_text(encoding="utf-8") == text:
                continue
            if options["check"]:
                message = f"{path.name} is not current: run `make docs`."
                raise CommandError(message)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {path.name}.")


def pages(base_dir: Path) -> dict[Path, str]:
    """Each generated file and what it should hold."""
    return {
        base_dir / ".env.example": _example(DECLARED),
        base_dir / "docs" / "settings.md": _page(DECLARED),
    }


def _example(declared: Iterable[Setting]) -> str:
    lines = [
        "# Copy to .env and change what you need. Every line shows the default; docs/settings.md",
        "# says more. This file is written by `make docs`.",
        "",
        f"# PORT={DEFAULT_PORT}",
    ]
    for group, members in groupby(declared, key=lambda setting: setting.group):
        lines += ["", f"## {group}"]
        for setting in members:
            lines += [f"# {setting.meaning}", f"# {setting.name}={setting.default}"]
    return "\n".join(lines) + "\n"


def _page(declared: Iterable[Setting]) -> str:
    lines = [_PAGE_HEAD]
    for group, members in groupby(declared, key=lambda setting: setting.group):
        lines += [
            f"## {group}",
            "",
            "| Name | Default | Form | Meaning |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(setting) for setting in members]
        lines.append("")
    return "\n".join(lines)


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else ""
    meaning = setting.meaning + (" Never printed." if setting.secret else "")
    cells = (f"`{setting.name}`", default, setting.kind, meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
