"""A large course, and what it costs to change it."""

import hashlib
import statistics
import time
from itertools import count

from django.db import connection

from academy.accounts.models import User
from learning.courses.models import Course
from learning.courses.services.editing import course_edit
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_edit, lessons_delete, lessons_refresh
from learning.releases.comparing import release_compare
from learning.releases.services import release_publish


def make_course(texts):
    """The slug of a published course with a lesson of each text."""
    owner = User.objects.create(username="owner")
    course = Course.objects.create(slug="large", title="Large", owner=owner)
    Lesson.objects.bulk_create(
        Lesson(
            course=course, slug=f"lesson-{n:03}", title=f"L {n}", position=n, body=text,
            status="published",
        )
        for n, text in enumerate(texts)
    )  # fmt: skip
    lessons_refresh(course_id=course.pk)
    release_publish(course=course, acting_user=owner)


def costs(*, rounds):
    """Median processor time in seconds of each change, by what is changed."""
    number = count(1)
    acts = {
        "the texts, read and hashed": lambda n: _hashed(),
        "a new title": lambda n: _edit(title=f"Large {n}"),
        "a new address": lambda n: _edit(slug=f"large-{n}"),
        "a new language": lambda n: _edit(language=("de", "fr", "ja")[n % 3]),
        "a new lesson": lambda n: _add(f"new-{n}"),
        "a lesson less": lambda n: _remove(),
        "what a release changes": lambda n: release_compare(Course.objects.get()),
    }
    return {name: _median(act, number, rounds) for name, act in acts.items()}


def _median(act, number, rounds):
    times = []
    for _ in range(rounds):
        connection.close()
        began = time.process_time()
        act(next(number))
        times.append(time.process_time() - began)
    return statistics.median(times)


def _hashed():
    texts = Lesson.objects.order_by().values_list("body", flat=True)
    return [hashlib.sha256(text.encode()).digest() for text in texts]


def _edit(**values):
    course_edit(course=Course.objects.get(), values=values)


def _add(slug):
    lesson_edit(lesson=Lesson(course=Course.objects.get(), slug=slug, title=slug), values={})


def _remove():
    newest = Lesson.objects.filter(slug__startswith="new-").order_by("-pk")[:1]
    lessons_delete(lessons=Lesson.objects.filter(pk__in=[lesson.pk for lesson in newest]))
