"""What is sent by somebody who means it, and lessons of another kind."""

import uuid

from academy.accounts.services import token_pair_issue
from learning.conftest import png
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save

PASSWORD = "correct horse battery"
PEOPLE = "email\nsam@example.org\n"

BODIES = {
    "POST api-enrolments:class": lambda world: {"person": "sam"},
    "POST api-enrolments:cohorts": lambda world: {"name": "Autumn"},
    "POST api-enrolments:lists": lambda world: {"csv": PEOPLE},
    "POST api-enrolments:mine": lambda world: {"course": "shells", "key": "open-sesame"},
    "PUT api-enrolments:opening": lambda world: {"rules": []},
    "PUT api-enrolments:overrides": lambda world: {
        "cohort": world.values["cohort"],
        "opens_at": None,
    },
    "POST api-courses:list": lambda world: {"slug": "tides", "title": "Tides"},
    "PUT api-courses:cover": lambda _world: png(),
    "PUT api-courses:owner": lambda world: {"username": "otto"},
    "PUT api-courses:staff-member": lambda world: {"role": "assistant"},
    "PUT api-lessons:contents": lambda world: {
        "sections": [{"title": "First steps", "lessons": ["secrets", "pipes", "plans"]}]
    },
    "POST api-lessons:of-course": lambda world: {"slug": "loops", "title": "Loops"},
    "POST api-progress:learner": lambda world: {"lesson": "shells/pipes", "action": "complete"},
    "POST api-progress:events": lambda world: {"events": [completed("shells/pipes")]},
    "POST api-releases:list": lambda world: news(world, {"note": "More"}),
    "POST auth-api:refresh": lambda world: {"refresh": pair(world).refresh},
    "POST auth-api:revoke": lambda world: {"refresh": pair(world).refresh},
    "POST auth-api:token": lambda world: {"username": "alice", "password": PASSWORD},
    "POST class-exports:api": lambda world: {"format": "csv"},
    "POST class-exports:form": lambda world: {"format": "csv"},
    "POST classes:enrol": lambda world: {"who": "sam"},
    "POST classes:cohort": lambda world: {"name": "Autumn"},
    "POST classes:cohorts": lambda world: {"name": "Autumn"},
    "POST classes:lists": lambda world: {"text": PEOPLE},
    "POST classes:opening-cohort": lambda world: {"cohort": world.values["cohort"]},
    "POST classes:opening-lesson": lambda world: {"days": "7"},
    "POST enrolments:with-key": lambda world: {"course": "shells", "key": "open-sesame"},
    "POST exports:lesson-export": lambda world: {"format": "pdf"},
    "POST exports:lesson-export-api": lambda world: {"format": "pdf"},
    "POST me-api:delete": lambda world: {"password": PASSWORD},
    "POST monitoring:bulk-status": lambda world: {"task_ids": [str(world.values["job_id"])]},
    "POST progress:tell": lambda world: {"action": "complete"},
    "POST releases:publish": lambda world: news(world, {"note": "More", "number": 2}),
}
VARIANTS = {
    "draft": {"slug": "plans", "lesson": "plans"},
    "premium": {"slug": "secrets", "lesson": "secrets"},
}


def news(world, body):
    """`body`, after which there is something to publish."""
    lesson = Lesson.objects.get(course=world.course, slug="pipes")
    lesson.body += "\n\nMore words."
    lesson_save(lesson=lesson)
    return body


def pair(world):
    return token_pair_issue(person=world.people["learner"])


def completed(lesson):
    return {"id": str(uuid.uuid4()), "kind": "completed", "lesson": lesson}
