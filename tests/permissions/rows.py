"""More rows for every list of the API, each with all that a list may show of it."""

from academy.accounts.models import Role, User
from exports.lessons.selectors import EXPORT_KIND
from learning.courses.models import Course, CourseStaff, StaffRole, Status
from learning.enrolments.models import (
    Cohort,
    DripOverride,
    DripRule,
    Enrolment,
    EnrolmentKey,
    EnrolmentList,
    EnrolmentListLine,
)
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save
from learning.progress.models import CourseProgress
from learning.releases.models import Release
from learning.releases.services import release_publish
from scheduler.jobs.services import job_submit


def person(n, role=Role.LEARNER):
    made = {"display_name": f"Person {n}", "email": f"p{n}@example.org", "role": role}
    return User.objects.get_or_create(username=f"p{n}", defaults=made)[0]


def course(world, n):
    made = Course.objects.create(slug=f"course-{n}", title=f"Course {n}", owner=person(n))
    text = {"slug": "one", "title": f"One {n}", "body": "# One\n\nWords.", "position": 0}
    lesson_save(lesson=Lesson(course=made, status=Status.PUBLISHED, **text))
    release_publish(course=made, acting_user=person(n), note="First")
    made.refresh_from_db()
    return made


def cohort(world, n):
    made = Cohort.objects.create(course=world.course, name=f"Cohort {n}")
    learner = person(n)
    Enrolment.objects.create(course=world.course, person=learner, cohort=made, source="self")
    return made


def key(world, n):
    EnrolmentKey.objects.create(
        course=world.course, key=f"key-{n}", cohort=cohort(world, n), created_by=person(n)
    )


def sent_list(world, n):
    kept = EnrolmentList.objects.create(course=world.course, sent_by=person(n), line_count=1)
    EnrolmentListLine.objects.create(list=kept, number=2, who=f"p{n}", outcome="refused")


def line(world, n):
    EnrolmentListLine.objects.create(
        list_id=world.values["list_id"],
        number=n,
        who=f"p{n}",
        outcome="enrolled",
        enrolment=enrolment(world, n),
    )


def enrolment(world, n):
    """With progress, in a cohort, on a release, by an instructor of its own."""
    cohort(world, n)
    made = Enrolment.objects.get(course=world.course, person=person(n))
    release = Release.objects.get(course=world.course, number=1)
    Enrolment.objects.filter(pk=made.pk).update(release=release, enrolled_by=person(n))
    lesson = Lesson.objects.get(course=world.course, slug="pipes")
    CourseProgress.objects.create(enrolment=made, release=release, last_lesson=lesson)
    return made


def own_enrolment(world, n):
    entered = course(world, n)
    made = Enrolment.objects.create(
        course=entered,
        person=world.people["learner"],
        source="self",
        cohort=Cohort.objects.create(course=entered, name="Spring"),
        release=entered.newest_release,
    )
    lesson = Lesson.objects.get(course=entered)
    CourseProgress.objects.create(
        enrolment=made, release=entered.newest_release, last_lesson=lesson
    )


def post(world, n):
    CourseStaff.objects.create(course=world.course, person=person(n), role=StaffRole.ASSISTANT)


def release(world, n):
    Release.objects.create(
        course=world.course,
        number=n,
        author=person(n),
        title="Shells",
        language="en",
        lesson_count=0,
        required_count=0,
    )


def job(world, n):
    job_submit(kind=EXPORT_KIND, params={"n": n}, person_id=world.people["learner"].pk)


def opening(world, n):
    lessons = Lesson.objects.filter(course=world.course)
    pipes = lessons.get(slug="pipes")
    after = Lesson.objects.create(
        course=world.course, slug=f"after-{n}", title="After", position=100 + n
    )
    DripRule.objects.create(lesson=pipes, kind="after_lesson", after=after)
    DripOverride.objects.create(lesson=pipes, enrolment=enrolment(world, n))
    DripOverride.objects.create(lesson=pipes, cohort=Cohort.objects.get(name=f"Cohort {n}"))


ROWS = {
    "/api/courses/": course,
    "/api/courses/{course}/cohorts/": cohort,
    "/api/courses/{course}/enrolment-lists/": sent_list,
    "/api/courses/{course}/enrolment-lists/{list_id}/lines/": line,
    "/api/courses/{course}/enrolments/": enrolment,
    "/api/courses/{course}/keys/": key,
    "/api/courses/{course}/progress/": enrolment,
    "/api/courses/{course}/releases/": release,
    "/api/courses/{course}/staff/": post,
    "/api/enrolments/": own_enrolment,
    "/api/lessons/": course,
    "/api/lessons/{course}/{slug}/opening/": opening,
    "/api/progress/": own_enrolment,
    "/async-monitoring/tasks/": job,
}
