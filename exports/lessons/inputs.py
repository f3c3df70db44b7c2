"""What a document is made of, in one hash."""

import hashlib
import json

from django.conf import settings

from exports.lessons.engine import engine_fingerprint
from learning.lessons.models import Lesson


def lesson_inputs_hash(lesson: Lesson, *, content_hash: str, format: str) -> str:
    """SHA-256 over content, address, format and engine; no query with `lesson.course` loaded."""
    address = f"{settings.SITE_URL}/{lesson.permalink}"
    parts = [content_hash, address, lesson.is_draft, format, engine_fingerprint()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
