"""One course with everything in it, and a person of every role."""

from dataclasses import dataclass, field

from learning.enrolments.services import enrolment_by_staff
from learning.releases.services import release_publish

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseStaff, Section, StaffRole, Status
from learning.enrolments.models import Cohort, EnrolmentKey
from learning.lessons.models import Lesson, Tier
from learning.lessons.services import lesson_save

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


@dataclass
class World:
    """`people` by role; `values` are what addresses and bodies mean by their names."""

    people: dict
    course: Course
    values: dict = field(default_factory=dict)


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
    course = Course.objects.create(slug="shells", title="Shells", owner=people["owner"])
    for role, post in (("assistant", StaffRole.ASSISTANT), ("co", StaffRole.CO_INSTRUCTOR)):
        CourseStaff.objects.create(course=course, person=people[role], role=post)
    section = Section.objects.create(course=course, title="First steps")
    lessons = {
        name: lesson_save(
            lesson=Lesson(
                course=course,
                section=section,
                slug=name,
                title=name.title(),
                body=f"# {name}\n\nWords about {name}.",
                position=position,
                **more,
            )
        )
        for position, (name, more) in enumerate(
            {
                "pipes": {"status": Status.PUBLISHED},
                "secrets": {"status": Status.PUBLISHED, "access": Tier.PREMIUM},
                "plans": {"status": Status.DRAFT},
            }.items()
        )
    }
    release = release_publish(course=course, acting_user=people["owner"], note="First")
    course.refresh_from_db()
    cohort = Cohort.objects.create(course=course, name="Spring")
    enrolment = enrolment_by_staff(
        course=course, person=people["learner"], acting_user=people["owner"]
    )
    key = EnrolmentKey.objects.create(course=course, key="open-sesame")
    return World(
        people=people,
        course=course,
        values={
            "course": course,
            "lessons": lessons,
            "release": release,
            "cohort": cohort,
            "enrolment": enrolment,
            "key": key,
        },
    )
