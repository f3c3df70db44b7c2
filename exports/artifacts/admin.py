import shutil
from typing import Final

from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from academy.platform.administration.figures import Figure, list_link, register_card
from academy.platform.administration.pages import ReadOnly
from academy.platform.database.sizes import database_bytes
from academy.templatetags.look import file_size
from exports.artifacts.models import Artifact

_LITTLE_SHARE: Final = 0.1
_LITTLE_BYTES: Final = 5 * 10**9
_LARGEST_FIRST: Final = "-3"


def room_left() -> list[Figure]:
    """Free space where files are kept, with the largest of them, and what the database takes."""
    disk = shutil.disk_usage(settings.VAR_DIR)
    files = list_link(Artifact, o=_LARGEST_FIRST)
    is_full = disk.free < min(disk.total * _LITTLE_SHARE, _LITTLE_BYTES)
    warning = pgettext("a disk", "Nearly full") if is_full else ""
    free, database = file_size(disk.free), file_size(database_bytes())
    return [
        Figure(free, pgettext("desk", "free for files"), files, warning),
        Figure(database, pgettext("desk", "in the database")),
    ]


register_card("disk", room_left, title=_("Room"), icon="hard_drive", rank=60)


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly):
    """Read only: rows and files go together, by age, when nothing refers to them."""

    list_display = ("digest", "content_type", "size", "created_at")
    list_filter = ("content_type", "created_at")
    search_fields = ("=id", "digest", "inputs_hash")
    ordering = ("-created_at",)
    show_full_result_count = False
