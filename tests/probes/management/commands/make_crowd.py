"""`manage.py make_crowd`: prints a course of a thousand learners and some of their sessions."""

import json

from django.core.management.base import BaseCommand

from tests.probes.crowd import make_crowd, session_of


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--learners", type=int, default=1000)
        parser.add_argument("--lessons", type=int, default=100)
        parser.add_argument("--sessions", type=int, default=16)

    def handle(self, *, learners, lessons, sessions, **_options):
        course, owner, people = make_crowd(learners=learners, lessons=lessons)
        known = {
            "course_id": course.pk,
            "slug": course.slug,
            "owner": session_of(owner),
            "learners": [session_of(person) for person in people[:sessions]],
        }
        self.stdout.write(json.dumps(known))
