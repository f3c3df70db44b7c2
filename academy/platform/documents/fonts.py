"""The fonts that documents are set in."""

from functools import lru_cache
from pathlib import Path
from typing import Final

FONT_FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts")


@lru_cache(maxsize=1)
def font_folders() -> tuple[str, ...]:
    """The folders of this machine that hold fonts."""
    return tuple(folder for folder in FONT_FOLDERS if Path(folder).is_dir())


@lru_cache(maxsize=1)
def installed_fonts() -> tuple[str, ...]:
    """Name and size of each font file, sorted."""
    return tuple(
        sorted(
            f"{path.name}:{path.stat().st_size}"
            for folder in font_folders()
            for path in Path(folder).rglob("*")
            if path.suffix.lower() in {".ttf", ".otf", ".ttc"}
        )
    )
