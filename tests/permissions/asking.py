"""One request in a world, as somebody, and what came of it."""

from django.test import Client
from django.urls import reverse

from tests.permissions.bodies import BODIES
from tests.permissions.routes import routes

ROUTES = routes()


def ask(world, role, method, name, variant=""):
    """The status of the answer; a redirect to the sign-in page is told as `sign-in`."""
    client = Client(raise_request_exception=True)
    if role in world.people:
        client.force_login(world.people[role])
    known = {**world.values, **world.variants.get(variant, {})}
    arguments = {name: known[name] for name in ROUTES[name].arguments}
    address = reverse(name, kwargs=arguments) if ":" in name or name in NAMED else f"/{name}"
    answer = getattr(client, method.lower())(address, **body(world, method, name))
    if answer.status_code == 302 and "/sign-in/" in answer["Location"]:
        return "sign-in"
    return str(answer.status_code)


NAMED = {"schema", "docs", "account_login", "mfa_authenticate"}


def body(world, method, name):
    """What is sent: what the table of bodies says, else nothing; JSON to the API, a form to pages."""
    if method in {"GET", "DELETE"}:
        return {}
    make = BODIES.get((method, name), dict)
    content = make(world) if callable(make) and make is not dict else {}
    address_is_for_programs = name.startswith(("api-", "me-api", "auth-api", "monitoring")) or (
        "api" in name
    )
    if address_is_for_programs:
        return {"data": content, "content_type": "application/json"}
    return {"data": content}
