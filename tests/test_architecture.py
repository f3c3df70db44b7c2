"""What no linter says about how the house is built."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from scheduler.jobs.kinds import LANES, kinds

ROOT = Path(__file__).resolve().parents[1]
APPS = ("academy", "scheduler", "notifications", "learning", "exports")
DRAWERS = {"utils", "helpers", "common", "core", "misc", "base"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def sources(*, tests=False):
    return [
        path
        for path in tracked("*.py")
        if path.relative_to(ROOT).parts[0] in APPS
        and "migrations" not in path.parts
        and (tests or "tests" not in path.parts)
    ]


def trees(**options):
    return [(path, ast.parse(path.read_text("utf-8"))) for path in sources(**options)]


def calls_of(tree, *names):
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    ]


def test_a_lock_holds_the_rows_that_it_names_and_none_that_they_are_sorted_by():
    """PostgreSQL locks every table of the query, also those that only an ordering joins."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in trees()
        for call in calls_of(tree, "select_for_update")
        if "of" not in {keyword.arg for keyword in call.keywords}
    ]
    assert found == []


def test_what_is_read_once_for_one_object_waits_for_no_other_object():
    # Until Python 3.12 a `functools.cached_property` is read under one lock for all objects of
    # the class: with a query in it, every request waits for the query of every other.
    found = [
        str(path.relative_to(ROOT))
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "functools"
        and any(name.name == "cached_property" for name in node.names)
    ]
    assert not found


def test_no_task_is_started_past_the_job_table():
    allowed = ROOT / "academy/platform/queueing/hints.py"
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in trees()
        for call in calls_of(tree, "delay", "apply_async", "send_task", "apply_async_on_commit")
        if path != allowed
    ]
    assert found == []


def test_celery_tasks_are_made_by_the_job_decorator_alone():
    found = [
        path.relative_to(ROOT).as_posix()
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "celery"
        and any(alias.name in {"shared_task", "task"} for alias in node.names)
    ]
    assert found == ["scheduler/jobs/tasks/declaring.py"]


def test_every_kind_of_job_has_its_limits():
    assert kinds()
    for kind in kinds():
        assert kind.lane in LANES
        assert 0 < kind.soft_time_limit_seconds < kind.hard_time_limit_seconds <= 3600
        assert kind.max_attempts >= 1
        assert kind.label


def test_only_the_runner_of_jobs_catches_every_exception():
    broad = {"Exception", "BaseException"}
    found = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = (
                {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
                if (node.type)
                else {"BaseException"}
            )
            reraises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if caught & broad and not reraises:
                found.add(path.relative_to(ROOT).as_posix())
    assert found <= {"scheduler/jobs/tasks/running.py"}


@pytest.mark.parametrize("app", APPS)
def test_no_folder_or_module_is_a_drawer(app):
    parts = {
        part
        for path in sources(tests=True)
        for part in path.relative_to(ROOT).with_suffix("").parts
        if path.relative_to(ROOT).parts[0] == app
    }
    assert not parts & DRAWERS


def test_no_file_is_longer_than_one_room_can_be():
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in sources(tests=True)
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_too_long_to_be_seen_at_once():
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno > LONGEST_FUNCTION
    ]
    assert long == []


def test_jobs_and_learning_go_by_the_clock_of_the_database_alone():
    stamped = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in trees()
        if path.relative_to(ROOT).parts[0] in {"scheduler", "learning"}
        for call in calls_of(tree, "now", "utcnow", "today")
        if isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"timezone", "datetime", "date"}
    ]
    assert stamped == []


def test_models_with_states_draw_their_machine():
    for path, tree in trees():
        if path.name != "models.py":
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            names = {
                target.id
                for item in node.body
                if isinstance(item, ast.Assign)
                for target in item.targets
                if isinstance(target, ast.Name)
            }
            if "revoked_at" in names or "crash_count" in names:
                assert "->" in (ast.get_docstring(node) or ""), f"{path}: {node.name}"


def test_pages_carry_no_inline_style_script_or_handler():
    inline = re.compile(
        r"<style|\sstyle\s*=|<script(?![^>]*\b(?:src|type=\"application/json\"))|\son[a-z]+\s*=\s*[\"']"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked("*.html")
        if "templates" in path.parts
        for match in inline.finditer(path.read_text("utf-8"))
    ]
    assert found == []


def test_nothing_is_fetched_from_elsewhere():
    outside = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked("*.html")
        if "templates" in path.parts and outside.search(path.read_text("utf-8"))
    ]
    assert found == []
