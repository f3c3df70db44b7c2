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


def routes(*, admin=False):
    """The routes of the admin, or all others."""
    found = {}
    for resolver, namespaces, path in _walked(get_resolver(), (), ""):
        name = ":".join((*namespaces, resolver.name or path))
        if (namespaces[:1] == ("admin",)) is admin:
            arguments = frozenset(resolver.pattern.converters)
            methods = {*_methods(resolver.callback), *found.get(name, Route("", (), ())).methods}
            found[name] = Route(name, tuple(sorted(methods)), arguments)
    return found


def _walked(resolver, namespaces, path):
    for pattern in resolver.url_patterns:
        here = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walked(pattern, inside, here)
        else:
            yield pattern, namespaces, here


def _methods(view):
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if kind is None:
        return ("GET", "POST")
    return tuple(name for name in METHODS if hasattr(kind, name.lower()))
