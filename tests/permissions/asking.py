"""One request in a world, as somebody, and what came of it."""

from django.test import Client
from django.urls import reverse

from tests.permissions.bodies import BODIES, VARIANTS
from tests.permissions.routes import routes

ROUTES = routes()


def ask(world, role, method, name, variant=""):
    """The status of the answer; a redirect to the sign-in page is told as `in`."""
    client = Client(raise_request_exception=True)
    if role in world.people:
        client.force_login(world.people[role])
    known = {**world.values, **VARIANTS.get(variant, {})}
    route = ROUTES[name]
    address = reverse(name, kwargs={key: known[key] for key in route.arguments})
    sent = {}
    if method not in {"GET", "DELETE"}:
        make = BODIES.get(f"{method} {name}")
        sent["data"] = make(world) if make else {}
        if route.is_api:
            is_picture = isinstance(sent["data"], bytes)
            sent["content_type"] = "image/png" if is_picture else "application/json"
    answer = getattr(client, method.lower())(address, **sent)
    if answer.streaming:
        # A file is sent, and closed, while it is read.
        answer.getvalue()
    if answer.status_code == 302 and "/sign-in/" in answer["Location"]:
        return "in"
    return str(answer.status_code)
