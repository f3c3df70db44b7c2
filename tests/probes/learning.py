"""Courses, learners and releases for a test stack, through the services that pages use."""

import json

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from academy.accounts.models import Role, User
from learning.courses.models import Course, CourseStaff
from learning.courses.services import course_save
from learning.enrolments.models import Enrolment
from learning.enrolments.services import enrolment_self, enrolment_withdraw
from learning.lessons.models import Lesson
from learning.lessons.services import lesson_save, lessons_refresh
from learning.releases.services import course_withdraw, release_publish


@csrf_exempt
def course(request):
    """A published course whose lessons need no more than a mark; answers their permalinks.

    `text` is that of every lesson; the course's `title` is its address where none is given.
    """
    body = json.loads(request.body)
    owner, _ = User.objects.get_or_create(
        username=f"owner-{body['slug']}", defaults={"role": Role.INSTRUCTOR}
    )
    made = course_save(
        course=Course(slug=body["slug"], title=body.get("title", body["slug"]), owner=owner)
    )
    lessons = Lesson.objects.bulk_create(
        Lesson(
            course=made,
            slug=f"lesson-{number}",
            title=f"Lesson {number}",
            position=number,
            status="published",
            body=body.get("text", f"Text {number}."),
            completion=body.get("completion", {}),
        )
        for number in range(body["lessons"])
    )
    lessons_refresh(course_id=made.pk)
    release_publish(course=made, acting_user=owner)
    permalinks = [f"{made.slug}/{lesson.slug}" for lesson in lessons]
    return JsonResponse({"course_id": made.pk, "lessons": permalinks})


@csrf_exempt
def enrol(request):
    body = json.loads(request.body)
    found = Course.objects.get(pk=body["course_id"])
    person = User.objects.get(pk=body["person_id"])
    enrolment = enrolment_self(course=found, person=person)
    return JsonResponse({"enrolment_id": enrolment.pk})


@csrf_exempt
def leave(request):
    body = json.loads(request.body)
    enrolment = Enrolment.objects.select_related("person", "course").get(pk=body["enrolment_id"])
    enrolment_withdraw(enrolment=enrolment, acting_user=enrolment.person)
    return JsonResponse({})


@csrf_exempt
def staff(request):
    body = json.loads(request.body)
    CourseStaff.objects.create(
        course_id=body["course_id"], person_id=body["person_id"], role=body["role"]
    )
    return JsonResponse({})


@csrf_exempt
def edit(request):
    """One lesson of the course says something else in a new release."""
    body = json.loads(request.body)
    lesson = Lesson.objects.select_related("course").get(
        course_id=body["course_id"], slug=body["slug"]
    )
    lesson.body += "\n\nAnd more."
    lesson_save(lesson=lesson)
    release_publish(course=Course.objects.get(pk=body["course_id"]), acting_user=None)
    return JsonResponse({})


@csrf_exempt
def withdraw(request):
    body = json.loads(request.body)
    course_withdraw(course=Course.objects.get(pk=body["course_id"]), acting_user=None)
    return JsonResponse({})
