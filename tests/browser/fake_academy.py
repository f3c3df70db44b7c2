"""A small real server that speaks the sockets' protocols and can be told to misbehave.

Only for tests of the browser's modules: it restarts within half a second, refuses sockets or
streams on demand and keeps a log of who came when.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "academy" / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
EMPTY = {
    "document": None,
    "sockets": "ok",
    "streams": "ok",
    "polls": 200,
    "retry_after": "",
    "post": None,
    "progress": None,
    "verdict": "accepted",
    "events": 200,
    "told": [],
}


class FakeAcademy:
    """The server's process, from outside."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        if self.process is not None:
            return
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)]
        command += ["-v", "0", "tests.browser.fake_academy:application"]
        self.process = subprocess.Popen(
            command, cwd=STATIC.parents[1], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(self.url)

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def reset(self):
        self.tell(**{**EMPTY, "told": []}, log=[])

    def tell(self, **changes):
        """Changes the server's behaviour; a new document goes out to everybody who listens."""
        data = json.dumps(changes).encode()
        urllib.request.urlopen(f"{self.url}/control/", data=data, timeout=5).close()

    def told(self):
        """What was said about progress, oldest first, and by which way."""
        with urllib.request.urlopen(f"{self.url}/told/", timeout=5) as answer:
            return json.load(answer)

    def log(self, kind=""):
        """Who came: `(kind, seconds)`, oldest first."""
        with urllib.request.urlopen(f"{self.url}/log/", timeout=5) as answer:
            return [entry for entry in json.load(answer) if entry[0].startswith(kind)]


state = {**EMPTY, "log": []}
changed = None


async def application(scope, receive, send):
    """The ASGI application."""
    if scope["type"] == "websocket" and "/progress/" in scope["path"]:
        await _progress_socket(receive, send)
    elif scope["type"] == "websocket":
        await _socket(receive, send)
    elif scope["type"] == "http":
        await _http(scope["path"], receive, send)


def _signal():
    global changed  # noqa: PLW0603 - one process, one event
    if changed is None:
        changed = asyncio.Event()
    return changed


def _note(kind):
    state["log"].append((kind, time.monotonic()))


async def _changes():
    """Yields the document now, and whenever it is another one."""
    shown = None
    while True:
        signal = _signal()
        if state["document"] != shown:
            shown = state["document"]
            yield shown
        await signal.wait()


async def _socket(receive, send):
    await receive()
    _note("socket")
    if state["sockets"] == "refuse":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    if isinstance(state["sockets"], int):
        await send({"type": "websocket.close", "code": state["sockets"]})
        return
    kind = "snapshot"
    async for document in _changes():
        if state["sockets"] == "refuse":
            break
        if document is None:
            continue
        frame = {"type": kind, "seq": document["seq"], "data": document}
        await send({"type": "websocket.send", "text": json.dumps(frame)})
        kind = "status_update"
        if document["status"] in {"succeeded", "failed", "cancelled", "dead"}:
            break
    await send({"type": "websocket.close", "code": 1000})


async def _progress_socket(receive, send):
    """A learner's socket: a snapshot, what is new, and a verdict for each message."""
    await receive()
    _note("socket")
    if state["sockets"] == "refuse":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    if isinstance(state["sockets"], int):
        await send({"type": "websocket.close", "code": state["sockets"]})
        return
    listening = asyncio.create_task(_hear(receive, send))
    try:
        await _tell(send, listening)
    finally:
        listening.cancel()


async def _tell(send, listening):
    kind, shown = "snapshot", None
    while not listening.done() and state["sockets"] != "refuse":
        signal = _signal()
        if state["progress"] != shown:
            shown = state["progress"]
            frame = {"type": kind, "seq": shown["seq"], "data": shown}
            await send({"type": "websocket.send", "text": json.dumps(frame)})
            kind = "progress_update"
        waiting = asyncio.create_task(signal.wait())
        await asyncio.wait({waiting, listening}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()


async def _hear(receive, send):
    while (message := await receive())["type"] == "websocket.receive":
        said = json.loads(message["text"])
        state["told"].append({"by": "socket", **said})
        verdict = state["verdict"]
        if verdict == "silent":
            continue
        detail = "" if verdict == "accepted" else "Read for 2 more minutes."
        code = "" if verdict == "accepted" else verdict
        frame = {
            "type": "accepted" if verdict == "accepted" else "refused",
            "seq": state["progress"]["seq"] + 1,
            "data": {"id": said["id"], "code": code, "detail": detail},
        }
        await send({"type": "websocket.send", "text": json.dumps(frame)})


async def _events(receive, send):
    events = json.loads(await _body(receive))["events"]
    state["told"] += [{"by": "post", **event} for event in events]
    accepted = state["verdict"] != "rules_unmet"
    outcomes = [
        {"id": one["id"], "accepted": accepted, "detail": "" if accepted else "Not yet."}
        for one in events
    ]
    body = {"seq": state["progress"]["seq"] + 1, "outcomes": outcomes}
    await _answer(send, state["events"], body)


async def _http(path, receive, send):
    if path.startswith("/static/"):
        await _static(path, send)
    elif path == "/control/":
        await _control(receive, send)
    elif path in {"/log/", "/told/"}:
        await _answer(send, 200, state[path.strip("/")])
    elif path == "/blank/":
        await _send(send, 200, b"<!doctype html><title>blank</title>", "text/html")
    elif path.startswith("/api/progress/"):
        await _progress_http(path, receive, send)
    else:
        await _jobs_http(path, receive, send)


async def _progress_http(path, receive, send):
    if path.endswith("/events/"):
        await _events(receive, send)
    else:
        _note("read")
        await _answer(send, 200, state["progress"])


async def _jobs_http(path, receive, send):
    if path.endswith("/stream/"):
        await _stream(send)
    elif path.endswith("/bulk-status/"):
        wanted = json.loads(await _body(receive))["task_ids"]
        _note(f"together {len(wanted)}")
        shown = state["document"]
        await _answer(send, 200, {task_id: {**shown, "task_id": task_id} for task_id in wanted})
    elif path.endswith("/status/"):
        _note("poll")
        headers = [(b"retry-after", state["retry_after"].encode())] if state["retry_after"] else []
        await _answer(send, state["polls"], state["document"], headers)
    else:
        await _answer(send, 404, None)


async def _body(receive):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def _control(receive, send):
    global changed  # noqa: PLW0603 - see _signal
    state.update(json.loads(await _body(receive)))
    _signal().set()
    changed = None
    await _answer(send, 200, {})


async def _stream(send):
    _note("stream")
    if state["streams"] == "refuse":
        await _answer(send, 503, None)
        return
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    kind = "connected"
    async for document in _changes():
        if document is None:
            continue
        text = f"event: {kind}\nid: {document['seq']}\ndata: {json.dumps(document)}\n\n"
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        kind = "status_update"
        if document["status"] in {"succeeded", "failed", "cancelled", "dead"}:
            break
    end = b'event: disconnected\ndata: {"reason": "finished"}\n\n'
    await send({"type": "http.response.body", "body": end})


async def _static(path, send):
    file = STATIC / path.removeprefix("/static/")
    if file.is_file() and STATIC in file.resolve().parents:
        await _send(send, 200, file.read_bytes(), TYPES.get(file.suffix, "text/plain"))
    else:
        await _answer(send, 404, None)


async def _answer(send, status, body, headers=()):
    await _send(send, status, json.dumps(body).encode(), "application/json", headers)


async def _send(send, status, body, content_type, headers=()):
    everything = [(b"content-type", content_type.encode()), (b"cache-control", b"no-store")]
    everything += headers
    await send({"type": "http.response.start", "status": status, "headers": everything})
    await send({"type": "http.response.body", "body": body})
