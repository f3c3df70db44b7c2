"""Writing artifacts, and forgetting those that nobody needs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import ProtectedError

from academy.platform.storage.store import Stored
from exports.artifacts.models import Artifact
from exports.artifacts.selectors import artifact_store, artifacts_unreferenced

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Holder:
    """A room whose rows hold files.

    `let_go` drops its rows that nobody needs and returns how many; `digests` names the files in
    the store that it holds without an artifact.
    """

    let_go: Callable[[], int]
    digests: Callable[[], Iterable[str]] = tuple


_holders: dict[str, Holder] = {}


def holder_register(name: str, holder: Holder) -> None:
    """The room `name` is asked at each collection."""
    _holders[name] = holder


def artifact_record(*, stored: Stored, inputs_hash: str, content_type: str) -> Artifact:
    """A kept file has a row; call it in the transaction of the row that refers to it."""
    return Artifact.objects.create(
        digest=stored.digest,
        size=stored.size,
        inputs_hash=inputs_hash,
        content_type=content_type,
    )


def artifacts_release() -> int:
    """The rooms that hold artifacts have dropped the rows that they no longer need; their number."""
    return sum(holder.let_go() for holder in _holders.values())


def artifacts_collect(*, older_than_seconds: float) -> tuple[int, int]:
    """Artifacts that nothing refers to, and files without an artifact, are gone if that old.

    Returns how many rows and how many files. Downloads under way keep their open file.
    """
    rows = 0
    unreferenced = artifacts_unreferenced(older_than_seconds=older_than_seconds)
    while ids := list(unreferenced.values_list("pk", flat=True)[:_BATCH]):
        rows += _deleted(ids)
    referenced = set(Artifact.objects.values_list("digest", flat=True))
    for holder in _holders.values():
        referenced.update(holder.digests())
    files = artifact_store().collect(referenced=referenced, older_than_seconds=older_than_seconds)
    return rows, files


def _deleted(ids: Sequence[UUID]) -> int:
    try:
        return Artifact.objects.filter(pk__in=ids).delete()[0]
    except ProtectedError as error:
        # Somebody referred to one of them just now: the others can go.
        referring: Any = error.protected_objects
        held = {row.artifact_id for row in referring}
        return Artifact.objects.filter(pk__in=[pk for pk in ids if pk not in held]).delete()[0]
