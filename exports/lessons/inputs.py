"""What a document is made of, in one hash."""

import hashlib
import json

from django.conf import settings

from exports.lessons.engine import engine_fingerprint
from learning.lessons.models import Lesson


def lesson_inputs_hash(
    lesson: Lesson, *, content_hash: str, format: str, is_draft: bool = False
) -> str:
    """SHA-256 over content, address, format and engine; no query with `lesson.course` loaded.

    `content_hash` is that of the revision; `is_draft`: the document is marked as one.
    """
    address = f"{settings.SITE_URL}/{lesson.permalink}"
    parts = [content_hash, address, is_draft, format, engine_fingerprint()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
