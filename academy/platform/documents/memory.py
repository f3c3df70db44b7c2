"""A rendering's memory goes back to the system."""

import ctypes
import ctypes.util
import gc
from functools import lru_cache


def give_back_memory() -> None:
    """Reference cycles are freed and glibc's free pages returned.

    WeasyPrint's boxes are full of cycles, and glibc keeps the pages of many small blocks.
    """
    gc.collect()
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _malloc_trim() -> "ctypes._NamedFuncPointer | None":
    library = ctypes.util.find_library("c")
    return getattr(ctypes.CDLL(library), "malloc_trim", None) if library else None
