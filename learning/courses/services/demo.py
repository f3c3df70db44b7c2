"""The course about the academy itself."""

import hashlib
from pathlib import Path
from typing import Final

from academy.accounts.models import User
from learning.courses.models import Course
from learning.courses.services.importing import ImportReport, course_import
from learning.lessons.rendering import RENDERER_VERSION

DEMO_FOLDER: Final = Path(__file__).resolve().parents[2] / "demo" / "running-the-academy"
DEMO_OWNER: Final = "instructor"


def demo_course_ensure(*, folder: Path = DEMO_FOLDER) -> ImportReport | None:
    """The demo course is there and published; None when it is as the folder has it already.

    Looking costs one query and the reading of the folder. A course that an operator took back
    to a draft stays one until its folder changes.

    Raises:
        ImportRefusedError: something is wrong with the folder.
    """
    digest = _digest(folder)
    if Course.objects.filter(slug=folder.name, source_digest=digest).exists():
        return None
    owner = User.objects.filter(username=DEMO_OWNER).first()
    report = course_import(folder=folder, publish=True, owner_id=owner.pk if owner else None)
    Course.objects.filter(slug=report.slug).update(source_digest=digest)
    return report


def _digest(folder: Path) -> str:
    digest = hashlib.sha256(str(RENDERER_VERSION).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()}:{content}\n".encode())
    return digest.hexdigest()
