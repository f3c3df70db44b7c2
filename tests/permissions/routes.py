"""Every address of the academy, as its resolver knows it."""

from dataclasses import dataclass

from django.urls import URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """`methods`: those of a class of the API; a plain view is asked with GET and POST."""

    name: str
    methods: tuple[str, ...]
    arguments: frozenset[str]
    is_api: bool


def routes(*, admin=False):
    """The routes of the admin, or all others, by name."""
    found = {}
    for pattern, namespaces in _walked(get_resolver(), ()):
        if not pattern.name:
            continue
        name = ":".join((*namespaces, pattern.name))
        if (namespaces[:1] == ("admin",)) is admin:
            kind = getattr(pattern.callback, "cls", None)
            methods = [m for m in METHODS if hasattr(kind, m.lower())] if kind else METHODS[:2]
            arguments = frozenset(pattern.pattern.converters)
            found[name] = Route(name, tuple(methods), arguments, kind is not None)
    return found


def _walked(resolver, namespaces):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walked(pattern, inside)
        else:
            yield pattern, namespaces
