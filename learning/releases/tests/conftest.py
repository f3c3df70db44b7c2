"""A course of the tides that was never published, and lessons for it."""

import pytest
from rest_framework.test import APIClient

from learning.courses.models import Course, Status
from learning.lessons.models import Lesson
from learning.releases.services import release_publish


@pytest.fixture
def asked_by():
    def make(person=None):
        client = APIClient()
        client.force_authenticate(person)
        return client

    return make


@pytest.fixture
def tides(ingrid):
    return Course.objects.create(slug="tides", title="潮の満ち引き", owner=ingrid, language="ja")


@pytest.fixture
def lesson_of(tides):
    def make(slug, **values):
        return Lesson.objects.create(
            course=tides,
            slug=slug,
            **{"title": slug.title(), "status": Status.PUBLISHED, "body": "本文。", **values},
        )

    return make


@pytest.fixture
def publish(tides, ingrid):
    def make(note=""):
        return release_publish(
            course=Course.objects.get(pk=tides.pk), acting_user=ingrid, note=note
        )

    return make
