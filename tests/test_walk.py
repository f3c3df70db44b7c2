"""The walk in `docs/api.md` is true: it ends with a completed course."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from academy.accounts.services import demo_accounts_ensure
from learning.courses.services.demo import demo_course_ensure

WALK = Path(__file__).resolve().parents[1] / "docs" / "api.md"
PASSWORD = "長い pass phrase 9"


def documents(text):
    """The answers of a walk, which stand one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found


@pytest.mark.django_db(transaction=True)
def test_the_walk_from_sign_in_ends_with_a_completed_course(live_server, tmp_path):
    demo_accounts_ensure(password=PASSWORD)
    demo_course_ensure()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "demo-password").write_text(PASSWORD, encoding="utf-8")
    walk = WALK.read_text(encoding="utf-8").partition("## Documents")[0]
    steps = "\n".join(re.findall(r"```bash\n(.*?)```", walk, re.DOTALL))
    script = steps.replace("http://127.0.0.1:8000", live_server.url)
    done = subprocess.run(
        ["bash", "-euc", script],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    last = documents(done.stdout)[-1]
    assert (last["percent"], last["completed_count"]) == (100, last["required_count"])
    assert last["completed_at"]
    assert "rules_unmet" not in done.stdout
