"""One course with everything in it, and a person of every role."""

import re
import uuid
from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password

from academy.accounts.models import Role, User
from exports.artifacts.selectors import artifact_store
from exports.lessons.selectors import EXPORT_KIND
from exports.lessons.services import Made, lesson_export_record
from learning.courses.models import Course, CourseStaff, Section, StaffRole, Status
from learning.enrolments.models import Cohort, DripOverride, EnrolmentKey, EnrolmentList
from learning.enrolments.services import enrolment_by_staff
from learning.lessons.models import Lesson, Tier
from learning.lessons.services import lesson_save
from learning.releases.services import release_publish
from scheduler.jobs.services import job_submit
from tests.permissions.bodies import PASSWORD

ROLES = (
    "anonymous",
    "stranger",
    "learner",
    "other",
    "assistant",
    "co",
    "owner",
    "operator",
)

LESSONS = {
    "pipes": {"status": Status.PUBLISHED},
    "secrets": {"status": Status.PUBLISHED, "access": Tier.PREMIUM},
    "plans": {"status": Status.DRAFT},
}


@dataclass
class World:
    """`people` by role; `values` are what addresses and bodies mean by their names."""

    people: dict
    course: Course
    values: dict = field(default_factory=dict)

    def arguments(self, path):
        """What the names in an address such as `/api/courses/{course}/` mean in this world."""
        wanted = re.findall(r"{(\w+)}", path)
        known = {name: self.values[name] for name in wanted if name in self.values}
        return {name: str(it) if isinstance(it, uuid.UUID) else it for name, it in known.items()}


def make_world():
    people = {
        "stranger": User.objects.create(username="sam"),
        "learner": User.objects.create(username="alice", email="alice@example.org"),
        "other": User.objects.create(username="otto", role=Role.INSTRUCTOR),
        "assistant": User.objects.create(username="asa"),
        "co": User.objects.create(username="coco", role=Role.INSTRUCTOR),
        "owner": User.objects.create(username="ingrid", role=Role.INSTRUCTOR),
        "operator": User.objects.create(username="olga", role=Role.OPERATOR),
    }
    password = make_password(PASSWORD)
    for person in people.values():
        person.password = password
        person.save(update_fields=["password"])
    course = Course.objects.create(slug="shells", title="Shells", owner=people["owner"])
    for role, post in (("assistant", StaffRole.ASSISTANT), ("co", StaffRole.CO_INSTRUCTOR)):
        CourseStaff.objects.create(course=course, person=people[role], role=post)
    section = Section.objects.create(course=course, title="First steps")
    for position, (slug, more) in enumerate(LESSONS.items()):
        text = f"# {slug}\n\nWords about {slug}."
        made = {"course": course, "section": section, "slug": slug, "title": slug.title()}
        lesson_save(lesson=Lesson(**made, body=text, position=position, **more))
    release = release_publish(course=course, acting_user=people["owner"], note="First")
    course.refresh_from_db()
    cohort = Cohort.objects.create(course=course, name="Spring")
    enrolment = enrolment_by_staff(
        course=course, person=people["learner"], acting_user=people["owner"]
    )
    key = EnrolmentKey.objects.create(course=course, key="open-sesame")
    pipes = Lesson.objects.get(course=course, slug="pipes")
    override = DripOverride.objects.create(lesson=pipes, enrolment=enrolment)
    return World(
        people=people,
        course=course,
        values={
            "course": course.slug,
            "course_id": course.pk,
            "slug": "pipes",
            "lesson": "pipes",
            "number": release.number,
            "cohort": cohort.pk,
            "cohort_id": cohort.pk,
            "enrolment": enrolment.pk,
            "enrolment_id": enrolment.pk,
            "key": key.pk,
            "key_id": key.pk,
            "override": override.pk,
            **made_things(course, people),
        },
    )


def made_things(course, people):
    """A document of the premium lesson, a learner's job, a list that the owner sent."""
    lesson = Lesson.objects.get(course=course, slug="secrets")
    document = Made(
        id=uuid.uuid4(),
        revision_id=lesson.draft_revision_id,
        lesson_id=lesson.pk,
        is_draft=False,
        format="pdf",
        inputs_hash="0" * 64,
        stored=artifact_store().put(b"%PDF-1.7 and so on"),
        page_count=1,
    )
    lesson_export_record(made=document)
    job = job_submit(kind=EXPORT_KIND, params={}, person_id=people["learner"].pk).job
    sent = EnrolmentList.objects.create(course=course, sent_by=people["owner"], line_count=0)
    return {
        "export_id": document.id,
        "job_id": job.pk,
        "list_id": sent.pk,
        "username": "asa",
        "action": "suspend",
        "name": "fig/none.png",
        # Nobody asked for these: whose they are is tested where they are made.
        "mail_id": uuid.UUID(int=1),
        "portrait_id": uuid.UUID(int=2),
    }
