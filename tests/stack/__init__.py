"""A whole academy of one's own: real Valkey, Daphne, workers and beat, on loopback and sockets."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from academy.supervisor import programs
from academy.supervisor.lineage import die_with_parent
from tests.stack.template import template_copy

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-demo-password-of-tests"
OWN_SETTINGS = "tests.stack.settings"
WORKERS = ("main", "bulk", "io")
# A tenth of the real ones, so that a crash and its recovery fit into a test.
QUICK = {
    "ACADEMY_LEASE_SECONDS": "3",
    "ACADEMY_HEARTBEAT_SECONDS": "0.8",
    "ACADEMY_CANCEL_POLL_SECONDS": "0.2",
    "ACADEMY_HARD_CANCEL_SECONDS": "1.5",
    "ACADEMY_RECONCILE_SECONDS": "0.5",
    "ACADEMY_HINT_SECONDS": "1",
    "ACADEMY_RETRY_BASE_SECONDS": "0.2",
    "ACADEMY_SWEEP_SECONDS": "1",
}
FREE = {
    "ACADEMY_RATE_ANON": "1000000/h",
    "ACADEMY_RATE_USER": "1000000/h",
    "ACADEMY_RATE_STATUS": "100000/s",
    "ACADEMY_RATE_EXPORT": "1000000/h",
    "ACADEMY_RATE_PAGE": "1000000/m",
    "ACADEMY_RATE_LOGIN": "1000000/m",
}


class Answer:
    """What a server answered."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Stack:
    """Processes of one academy; each can be killed, frozen and started again by name."""

    def __init__(
        self,
        *,
        environment=None,
        demo=True,
        pages=True,
        quick=True,
        settings=OWN_SETTINGS,
    ):
        """`pages` False: no static files (they take half of a start); `quick` False: real times."""
        self.pages = pages
        self.folder = Path(tempfile.mkdtemp(prefix="academy-stack-"))
        self.sockets = Path(tempfile.mkdtemp(prefix="as-", dir="/tmp"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.urls = {
            "ACADEMY_QUEUE_URL": f"unix://{self.sockets}/queue.sock",
            "ACADEMY_CACHE_URL": f"unix://{self.sockets}/cache.sock",
        }
        self._database = None
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ACADEMY_")},
            "DJANGO_SETTINGS_MODULE": settings,
            "ACADEMY_VAR_DIR": str(self.folder),
            "ACADEMY_DEMO": "1" if demo else "0",
            "ACADEMY_DEMO_PASSWORD": PASSWORD,
            **FREE,
            **(QUICK if quick else {}),
            **self._database_environment(),
            **(environment or {}),
        }
        self.processes = {}
        self._starting = threading.RLock()
        self._ended = threading.Event()

    def __enter__(self):
        try:
            self.start("queue", "cache")
            self._prepare()
            self.start("web", *WORKERS, "beat")
            self.wait_until_healthy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self):
        if self.is_sqlite and self.environment["DJANGO_SETTINGS_MODULE"] == OWN_SETTINGS:
            template_copy(self.folder, settings=OWN_SETTINGS)
        self.manage(*(["prepare"] if self.pages else ["migrate", "--verbosity", "0"]))

    def __exit__(self, *_):
        self._ended.set()
        with self._starting:
            self._end()

    def _end(self):
        for name in ("web", "beat", *WORKERS, "cache", "queue"):
            self.kill(name)
        if self._database:
            with psycopg.connect(os.environ["ACADEMY_DATABASE_URL"], autocommit=True) as server:
                server.execute(f"DROP DATABASE IF EXISTS {self._database} WITH (FORCE)")
        if os.environ.get("KEEP_STACKS"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def start(self, *names):
        for name in names:
            with self._starting:
                if not self.is_running(name):
                    self._start(name)
        for name in {"queue", "cache"} & set(names):
            self._wait_for_socket(name)

    def keep_running(self, *names):
        """As the supervisor does it: who ends is started again, until the stack ends."""

        def keep():
            while not self._ended.wait(0.5):
                for name in names:
                    if name in self.processes:
                        self.start(name)

        threading.Thread(target=keep, name="keeper", daemon=True).start()

    def _start(self, name):
        program = self._program(name)
        with self.log_file(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                program.argv,
                cwd=ROOT,
                env={**self.environment, **self.urls, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=partial(_enter, program.nice),
            )

    def kill(self, name, sign=signal.SIGKILL, *, group=True):
        """The process (and what it started) gets the signal; after SIGKILL it is gone."""
        process = self.processes.get(name)
        if process is None or process.poll() is not None:
            return
        if group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
        else:
            process.send_signal(sign)
        if sign == signal.SIGKILL:
            process.wait(10)

    def stop(self, name, *, seconds=40):
        process = self.processes[name]
        process.terminate()
        process.wait(seconds)

    def freeze(self, name):
        self.kill(name, signal.SIGSTOP)

    def thaw(self, name):
        self.kill(name, signal.SIGCONT)

    def is_running(self, name):
        process = self.processes.get(name)
        return process is not None and process.poll() is None

    def children(self, name):
        """Pool processes of a worker."""
        return psutil.Process(self.processes[name].pid).children(recursive=True)

    def log_file(self, name):
        return self.folder / f"{name}.log"

    def log(self, name):
        path = self.log_file(name)
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def manage(self, *arguments):
        done = subprocess.run(
            [programs.sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environment, **self.urls},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def is_sqlite(self):
        return not self._database

    def query(self, sql, *arguments):
        """Rows of the stack's own database; `?` marks an argument."""
        if not self._database:
            path = self.folder / "academy.sqlite3"
            with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
                rows = database.execute(sql, arguments).fetchall()
                database.commit()
                return rows
        url = self.environment["ACADEMY_DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as database:
            cursor = database.execute(sql.replace("?", "%s"), arguments)
            return cursor.fetchall() if cursor.description else []

    def call(self, method, path, body=None, *, token=None, headers=None, timeout=30):
        """One request on a connection of its own."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path if path.startswith("/") else path, data=data, method=method
        )
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with _opener.open(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def people(self, count, *, prefix="p", role="learner"):
        body = {"count": count, "prefix": prefix, "role": role}
        return self.call("POST", "/probes/people/", body).json["people"]

    def submit(self, kind, params=None, **more):
        answer = self.call(
            "POST", "/probes/submit/", {"kind": kind, "params": params or {}, **more}
        )
        assert answer.status == 202, answer
        return answer.json["task_id"]

    def job(self, task_id):
        """The job's row as a dictionary."""
        key = task_id.replace("-", "") if not self._database else task_id
        columns = (
            "status, attempt, crash_count, progress, step, error_code, fence, seq, worker, "
            "run_at, finished_at"
        )
        rows = self.query(f"SELECT {columns} FROM scheduler_job WHERE id = ?", key)
        return dict(zip(columns.split(", "), rows[0], strict=True)) if rows else None

    def effects(self, task_id):
        """How often the job's effect stands in the database."""
        key = task_id.replace("-", "") if not self._database else task_id
        sql = "SELECT count(*) FROM scheduler_joblogline WHERE job_id = ? AND text = 'effect'"
        return self.query(sql, key)[0][0]

    def wait_for(self, task_id, *states, seconds=60):
        """The row once its state is one of `states`."""
        return eventually(
            lambda: (row := self.job(task_id)) and row["status"] in states and row,
            seconds=seconds,
            what=lambda: f"{task_id} is {self.job(task_id)}, not {states}",
        )

    def is_healthy(self):
        try:
            return self.call("GET", "/async-monitoring/health/", timeout=5).status == 200
        except OSError:
            return False

    def wait_until_healthy(self, *, seconds=60):
        eventually(self.is_healthy, seconds=seconds, what=self._why_not_healthy)

    def tracebacks(self):
        """Names of the processes whose logs hold a traceback."""
        return [name for name in self.processes if "Traceback (most recent" in self.log(name)]

    def _why_not_healthy(self):
        logs = "\n".join(f"--- {name}\n{self.log(name)[-3000:]}" for name in self.processes)
        with contextlib.suppress(OSError):
            return f"{self.call('GET', '/async-monitoring/health/').body!r}\n{logs}"
        return f"no answer\n{logs}"

    def _program(self, name):
        base = {"base_dir": ROOT}
        if name in {"queue", "cache"}:
            data = self.folder / "valkey" / name
            data.mkdir(parents=True, exist_ok=True)
            return programs.server(
                name, data_dir=data, socket=self.sockets / f"{name}.sock", **base
            )
        if name == "web":
            return programs.web(port=self.port, urls=self.urls, behind_proxy=False, **base)
        if name == "beat":
            return programs.beat(urls=self.urls, **base)
        return programs.worker(name, port=self.port, urls=self.urls, **base)

    def _wait_for_socket(self, name):
        def answers():
            with socket.socket(socket.AF_UNIX) as client:
                try:
                    client.connect(str(self.sockets / f"{name}.sock"))
                except OSError:
                    return False
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")

        eventually(answers, seconds=20, what=lambda: self.log(name))

    def _database_environment(self):
        """A database of the stack's own on the server that the tests use."""
        server_url = os.environ.get("ACADEMY_DATABASE_URL", "")
        if not server_url.startswith("postgres"):
            return {}
        self._database = f"stack_{secrets.token_hex(6)}"
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {self._database}")
        path = urlsplit(server_url).path
        return {
            "ACADEMY_DATABASE_URL": re.sub(
                re.escape(path) + r"(?=\?|$)", f"/{self._database}", server_url, count=1
            )
        }


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def eventually(condition, *, seconds, what=None, every=0.05):
    """What `condition` returns once it is true; an AssertionError that says `what` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(what() if what else f"{condition} stayed false for {seconds} s")
        time.sleep(every)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _enter(nice):
    die_with_parent(signal.SIGKILL)
    os.nice(nice)
