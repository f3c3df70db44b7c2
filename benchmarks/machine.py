"""What the figures were measured on."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """One line: processor, cores, memory, system, Python."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    gib = pages * page_bytes / 2**30
    return (
        f"machine: {model}, {os.cpu_count()} cores, {gib:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )
