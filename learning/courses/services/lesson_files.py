"""Reading one lesson's file."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from academy.platform.documents.text import clean_line, clean_text
from learning.courses.models import LANGUAGE_TAG
from learning.courses.services.findings import Findings
from learning.courses.services.yaml_text import Mapping, Text, read_mapping
from learning.lessons.models import Tier
from learning.lessons.services import RESERVED_SLUGS
from learning.lessons.videos import require_video_address

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
_MAX_SLUG: Final = 80
_MAX_FILE_NAME: Final = 200
_FRONT_MATTER: Final = re.compile(
    r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_FIRST_HEADING: Final = re.compile(r"\A(?:[ \t]*\n)*#[ \t]+([^\n]+?)(?:[ \t]+#+)?[ \t]*(?:\n|\Z)")
_LEADING_NUMBER: Final = re.compile(r"\A\d+[-_. ]*(?=.)")
_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """A lesson as its file describes it; `body_line` is the file's line of the body's first."""

    file: str
    slug: str
    slug_line: int
    title: str
    summary: str
    body: str
    body_line: int
    language: str
    access: str
    video_url: str


def read_text(path: Path, *, root: Path, file: str, findings: Findings) -> str | None:
    """The file's text, a newline after each line; None where it cannot be had, which is reported."""
    if not is_text(file):
        findings.error(written(file), None, _("The name is not UTF-8. Rename the file."))
        return None
    if len(file) > _MAX_FILE_NAME:
        message = _("The name is longer than %d characters.") % _MAX_FILE_NAME
        findings.error(file, None, message)
        return None
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            findings.error(file, None, _("This link leads out of the folder."))
            return None
        if not path.is_file():
            findings.error(file, None, _("There is no such file."))
            return None
        if path.stat().st_size > MAX_FILE_BYTES:
            message = _("The file is larger than %d MB.") % (MAX_FILE_BYTES // 1_000_000)
            findings.error(file, None, message)
            return None
        data = read_regular(path)
    except (OSError, RuntimeError) as error:
        findings.error(file, None, _("The file cannot be read: %s.") % error)
        return None
    try:
        return clean_text(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.error(file, line, _("This is not UTF-8. Save the file as UTF-8."))
        return None


def read_regular(path: Path) -> bytes:
    """The file's bytes; a pipe, a socket or a device, which might never end, is no file.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    # Without O_NONBLOCK the opening itself would wait for whoever writes into a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(_("it is no regular file"))
        return file.read()


def read_lesson(text: str, *, file: str, findings: Findings) -> PlannedLesson:
    """The lesson; what is wrong with it is reported."""
    front, body, body_line = _split(text, file=file, findings=findings)
    title = front.text("title", limit=200)
    summary = front.text("summary", "description", limit=500)
    slug = front.text("slug", limit=_MAX_SLUG)
    language = front.text("language", "lang", limit=35)
    heading = "" if title and title.value else _heading_of(body)
    if heading:
        body = _FIRST_HEADING.sub(lambda match: "\n" * match.group().count("\n"), body, count=1)
    return PlannedLesson(
        file=file,
        slug=_slug(slug, file=file, findings=findings),
        slug_line=slug.line if slug else 1,
        title=clean_line(title.value if title and title.value else heading or humanised(file)),
        summary=clean_line(summary.value) if summary else "",
        body=body,
        body_line=body_line,
        language=checked_language(language, file=file, findings=findings),
        access=_access(front, file=file, findings=findings),
        video_url=_video(front, file=file, findings=findings),
    )


def is_text(name: str) -> bool:
    """Whether a file's name is text: Linux keeps names as bytes, which may be anything."""
    return clean_text(name) == name


def written(name: str) -> str:
    """The name as it can be printed."""
    return name.encode("utf-8", "backslashreplace").decode()


def humanised(file: str) -> str:
    """A title out of a file's or folder's name."""
    name = clean_text(PurePosixPath(file).name)
    stem = name.removesuffix(PurePosixPath(name).suffix) if "." in name[1:] else name
    words = re.sub(r"[-_\s]+", " ", _LEADING_NUMBER.sub("", stem)).strip() or stem
    return words[:1].upper() + words[1:200]


def slug_from_name(name: str) -> str:
    """The address that a file's or folder's name makes; empty for one without Latin letters."""
    return slugify(_LEADING_NUMBER.sub("", name))[:_MAX_SLUG].strip("-_")


def is_slug(text: str) -> bool:
    """Whether it can stand in an address."""
    return bool(_SLUG.fullmatch(text)) and len(text) <= _MAX_SLUG


def checked_language(text: Text | None, *, file: str, findings: Findings) -> str:
    """The language's tag, empty without one; what is no tag is reported."""
    if text is None or not text.value:
        return ""
    if not re.fullmatch(LANGUAGE_TAG, text.value):
        message = _("“%s” is no language tag; write one like en, ja or pt-BR.") % text.value
        findings.error(file, text.line, message)
    return text.value


def _split(text: str, *, file: str, findings: Findings) -> tuple[Mapping, str, int]:
    if not re.match(r"---[ \t]*(?:\n|\Z)", text):
        return Mapping(file, 1, {}, findings), text, 1
    match = _FRONT_MATTER.match(text)
    if match is None:
        findings.error(file, 1, _("The front matter has no end: write --- on a line below it."))
        return Mapping(file, 1, {}, findings), "", 1
    front = read_mapping(match[1], file=file, first_line=2, findings=findings)
    return front, text[match.end() :], match.group().count("\n") + 1


def _heading_of(body: str) -> str:
    match = _FIRST_HEADING.match(body)
    return match[1].strip()[:200] if match else ""


def _slug(text: Text | None, *, file: str, findings: Findings) -> str:
    if text is not None and text.value:
        if not is_slug(text.value):
            message = _("“%s” cannot be an address: use a-z, 0-9, - and _.") % text.value
            findings.error(file, text.line, message)
        _report_reserved(text.value, file=file, line=text.line, findings=findings)
        return text.value
    stem = PurePosixPath(file).stem
    slug = slug_from_name(stem)
    if slug:
        _report_reserved(slug, file=file, line=1, findings=findings)
        return slug
    # A name in another script: stable for as long as the file keeps it.
    slug = f"lesson-{hashlib.sha256(stem.encode()).hexdigest()[:8]}"
    message = _("The address is %s; “slug:” in the front matter gives it a better one.") % slug
    findings.warn(file, 1, message)
    return slug


def _report_reserved(slug: str, *, file: str, line: int, findings: Findings) -> None:
    if slug in RESERVED_SLUGS:
        message = _("“%s” is taken by a page of the course: give the lesson another “slug:”.")
        findings.error(file, line, message % slug)


def _access(front: Mapping, *, file: str, findings: Findings) -> str:
    text = front.text("access", limit=40)
    if text is None or not text.value:
        return Tier.FREE.value
    value = text.value.lower()
    if value not in Tier.values:
        message = _("“%s” is no access; write free or premium.") % text.value
        findings.error(file, text.line, message)
    return value


def _video(front: Mapping, *, file: str, findings: Findings) -> str:
    text = front.text("video", limit=500)
    if text is None or not text.value:
        return ""
    try:
        require_video_address(text.value)
    except ValidationError:
        message = _("“%s” is no address of a video; write one that begins with https://.")
        findings.error(file, text.line, message % text.value)
    return text.value
