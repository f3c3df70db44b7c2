"""A lesson's page whose export control talks to a server of ours."""

import json

from tests.browser import gallery
from tests.browser.gallery import panel, reader

API = "**/api/lessons/course-1/lesson-1/export/"


class Reader:
    """A lesson's page, and what its export control sent."""

    def __init__(self, page, fake):
        self.page = page
        self.fake = fake
        self.posts = []
        self.panel = page.locator("[data-export-format=pdf]")
        self.row = self.panel.locator("[data-job]")
        self.button = self.panel.get_by_role("button", name="Export as PDF")

    def open(self, *formats):
        context = reader([panel(*formats)])
        html = gallery.html_of(gallery.Sample("x", "learning/lesson.html", context))
        self.page.route(
            "**/lesson/",
            lambda route: route.fulfill(
                body=html,
                headers={"Content-Type": "text/html", "Content-Security-Policy": gallery.POLICY},
            ),
        )
        self.page.goto(f"{self.fake.url}/lesson/")
        return html

    def answers(self, status, body, **headers):
        def answer(route):
            self.posts.append(route.request)
            route.fulfill(status=status, body=json.dumps(body), headers=headers)

        self.page.unroute(API)
        self.page.route(API, answer)

    def refuses(self, status, detail, **headers):
        errors = [{"code": "no", "detail": detail, "attr": None}]
        self.answers(status, {"type": "client_error", "errors": errors}, **headers)
