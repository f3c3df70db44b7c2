"""Ways to ask a test stack for probes and people; no real installation has them."""

import json
import time

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from academy.accounts.services import token_pair_issue
from scheduler.jobs.services import job_submit


@csrf_exempt
def submit(request):
    """One job; answers its id and how long the submit call itself took."""
    body = json.loads(request.body)
    started = time.perf_counter()
    with transaction.atomic():
        submission = job_submit(
            kind=body["kind"],
            params=body.get("params", {}),
            person_id=body.get("person_id"),
            dedup_key=body.get("dedup_key", ""),
        )
    seconds = time.perf_counter() - started
    return JsonResponse(
        {
            "task_id": str(submission.job.pk),
            "joined": submission.joined,
            "seconds": seconds,
            "priority": submission.job.priority,
        },
        status=202,
    )


@csrf_exempt
def people(request):
    """`count` people with tokens, without the cost of hashing passwords."""
    body = json.loads(request.body)
    made = []
    for number in range(body["count"]):
        person, _ = get_user_model().objects.get_or_create(
            username=f"{body['prefix']}{number}", defaults={"role": body.get("role", "learner")}
        )
        pair = token_pair_issue(person=person)
        made.append({"id": person.pk, "username": person.username, "access": pair.access})
    return JsonResponse({"people": made})


def empty(_request):
    """Nothing at all, behind the same middleware: what the pages of a benchmark are compared to."""
    return HttpResponse()
