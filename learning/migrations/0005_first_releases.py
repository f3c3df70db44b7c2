"""Lessons that were published are release 1 of their course."""

import hashlib
import html
import json
from pathlib import PurePosixPath
from urllib.parse import unquote

from django.db import migrations, models


def _mentioned(body, names):
    text = html.unescape(unquote(body)).replace("\\", "")
    return {name: names[name] for name in names if PurePosixPath(unquote(name)).name in text}


def _stem(path):
    name = PurePosixPath(unquote(path)).name
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and f".{suffix.lower()}" in {".md", ".html", ".rmd"} else name


def _links(course, lessons):
    links = {}
    for lesson in lessons:
        path = f"/courses/{course.slug}/{lesson.slug}/"
        links.setdefault(lesson.slug, path)
        if lesson.source_name:
            links[_stem(lesson.source_name)] = path
    return links


def _values(course, lesson, figures, links):
    owner = course.owner
    return {
        "title": lesson.title,
        "summary": lesson.summary,
        "body": lesson.body,
        "language": lesson.language or course.language,
        "access": lesson.access,
        "video_url": lesson.video_url,
        "course_slug": course.slug,
        "course_title": course.title,
        "author": (owner.display_name or owner.username) if owner else "",
        "figures": _mentioned(lesson.body, figures),
        "links": _mentioned(lesson.body, links),
    }


def _hash(values):
    parts = [
        values["title"],
        values["body"],
        values["language"],
        values["course_slug"],
        values["course_title"],
        values["author"],
        sorted((name, figure[0]) for name, figure in values["figures"].items()),
        sorted(values["links"].items()),
        values["summary"],
        values["access"],
        values["video_url"],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _revise(apps, course):
    """The lessons of the course in reading order, each with the revision of its text."""
    Lesson = apps.get_model("learning", "Lesson")
    LessonRevision = apps.get_model("learning", "LessonRevision")
    lessons = list(
        Lesson.objects.filter(course=course)
        .select_related("section")
        .order_by(
            models.F("section__position").asc(nulls_last=True),
            models.F("section_id").asc(nulls_last=True),
            "position",
            "pk",
        )
    )
    figures = {
        row.name: [row.digest, row.content_type, row.width, row.height]
        for row in apps.get_model("learning", "CourseFigure").objects.filter(course=course)
    }
    links = _links(course, lessons)
    for lesson in lessons:
        values = _values(course, lesson, figures, links)
        content_hash = _hash(values)
        revision, _ = LessonRevision.objects.get_or_create(
            lesson=lesson, content_hash=content_hash, defaults=values
        )
        lesson.content_hash, lesson.draft_revision = content_hash, revision
        lesson.save(update_fields=["content_hash", "draft_revision"])
    return lessons


def _release(apps, course, lessons):
    Release = apps.get_model("learning", "Release")
    ReleaseLesson = apps.get_model("learning", "ReleaseLesson")
    release = Release.objects.create(
        course=course,
        number=1,
        title=course.title,
        summary=course.summary,
        description_html=course.description_html,
        language=course.language,
        level=course.level,
        lesson_count=len(lessons),
        required_count=sum(lesson.is_required for lesson in lessons),
    )
    ReleaseLesson.objects.bulk_create(
        ReleaseLesson(
            release=release,
            lesson=lesson,
            revision=lesson.draft_revision,
            position=position,
            section_title=lesson.section.title if lesson.section else "",
            is_required=lesson.is_required,
            completion=lesson.completion,
        )
        for position, lesson in enumerate(lessons, start=1)
    )
    course.newest_release = release
    course.save(update_fields=["newest_release"])


def publish_what_was_published(apps, schema_editor):
    Course = apps.get_model("learning", "Course")
    for course in Course.objects.select_related("owner").order_by("pk"):
        lessons = _revise(apps, course)
        published = [lesson for lesson in lessons if lesson.status == "published"]
        if course.status != "published" or course.newest_release_id is not None:
            continue
        if published:
            _release(apps, course, published)
        else:
            # Open means that there is something to read.
            course.status = "draft"
            course.save(update_fields=["status"])


class Migration(migrations.Migration):

    dependencies = [
        ("learning", "0004_lesson_revisions"),
    ]

    operations = [
        migrations.RunPython(publish_what_was_published, migrations.RunPython.noop),
    ]
