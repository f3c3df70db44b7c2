"""The head of every page leads whoever teaches to their teaching."""

import pytest
from django.contrib.auth.models import AnonymousUser

from learning.courses.models import CourseStaff, StaffRole
from learning.rights.context_processors import teaching

TEACHING = 'class="site-link site-teach"'


@pytest.mark.parametrize("post", StaffRole.values)
def test_who_has_a_post_in_a_course_finds_their_teaching_whatever_their_role(
    client, course, alice, post
):
    CourseStaff.objects.create(course=course, person=alice, role=post)
    client.force_login(alice)
    assert TEACHING in client.get("/").content.decode()


def test_who_only_learns_finds_none(client, course, alice):
    client.force_login(alice)
    assert TEACHING not in client.get("/").content.decode()


def test_of_many_posts_as_of_none_it_is_one_query_and_none_for_strangers_and_instructors(
    rf, alice, ingrid, course, django_assert_num_queries
):
    def asked(person):
        request = rf.get("/")
        request.user = person
        return bool(teaching(request)["teaches"])

    with django_assert_num_queries(0):
        assert not asked(AnonymousUser())
        assert asked(ingrid)
    with django_assert_num_queries(1):
        assert not asked(alice)
