"""Lessons and pages of a course share one place; neither may hide the other."""

import re

from django.urls import URLResolver, get_resolver

from learning.lessons.services import RESERVED_SLUGS

LIKE_A_LESSON = re.compile(r"courses/<slug:\w+>/([-\w]+)/")


def written(resolver, before=""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from written(pattern, route)
        else:
            yield route


def test_no_lesson_may_have_the_address_of_a_page_of_its_course():
    pages = {found[1] for route in written(get_resolver()) if (found := LIKE_A_LESSON.match(route))}
    assert "class" in pages
    assert pages == RESERVED_SLUGS
