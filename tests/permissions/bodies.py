"""What is sent by somebody who means it, and lessons of another kind."""

import uuid

BODIES = {
    "POST api-enrolments:class": lambda world: {"username": "sam"},
    "POST api-enrolments:cohorts": lambda world: {"name": "Autumn"},
    "POST api-enrolments:lists": lambda world: {"text": "email\nsam@example.org\n"},
    "POST api-enrolments:mine": lambda world: {"course": "shells", "key": "open-sesame"},
    "PUT api-enrolments:opening": lambda world: {"rules": []},
    "POST api-courses:list": lambda world: {"slug": "tides", "title": "Tides"},
    "PUT api-courses:owner": lambda world: {"username": "otto"},
    "PUT api-courses:staff-member": lambda world: {"role": "assistant"},
    "POST api-lessons:of-course": lambda world: {"slug": "loops", "title": "Loops"},
    "POST api-progress:learner": lambda world: {"lesson": "shells/pipes", "action": "complete"},
    "POST api-progress:events": lambda world: {"events": [completed("shells/pipes")]},
    "POST class-exports:api": lambda world: {"format": "csv"},
    "POST class-exports:form": lambda world: {"format": "csv"},
    "POST classes:enrol": lambda world: {"who": "sam"},
    "POST classes:cohorts": lambda world: {"name": "Autumn"},
    "POST exports:lesson-export": lambda world: {"format": "pdf"},
    "POST exports:lesson-export-api": lambda world: {"format": "pdf"},
    "POST monitoring:bulk-status": lambda world: {"task_ids": []},
    "POST progress:tell": lambda world: {"action": "complete"},
    "POST releases:publish": lambda world: {"note": "", "confirm": "1"},
}
VARIANTS = {
    "draft": {"slug": "plans", "lesson": "plans"},
    "premium": {"slug": "secrets", "lesson": "secrets"},
}


def completed(lesson):
    return {"id": str(uuid.uuid4()), "kind": "completed", "lesson": lesson}
