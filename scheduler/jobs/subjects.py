"""Where a job's subject (`lesson:42`) can be looked at; apps above say so."""

from collections.abc import Callable, Iterable, Mapping, Sequence

Resolver = Callable[[Sequence[str]], Mapping[str, str]]
_resolvers: dict[str, Resolver] = {}


def register_subject(prefix: str, resolver: Resolver) -> None:
    """Subjects `prefix:<key>` have the addresses that `resolver(keys)` gives by key."""
    _resolvers[prefix] = resolver


def subject_urls(subjects: Iterable[str]) -> dict[str, str]:
    """Addresses by subject; subjects without one are left out. One resolver call a prefix."""
    keys: dict[str, set[str]] = {}
    for subject in subjects:
        prefix, _, key = subject.partition(":")
        if key and prefix in _resolvers:
            keys.setdefault(prefix, set()).add(key)
    return {
        f"{prefix}:{key}": url
        for prefix, wanted in keys.items()
        for key, url in _resolvers[prefix](sorted(wanted)).items()
    }
