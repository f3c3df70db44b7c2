"""Every form of address reaches a real server, by redis-py and by Celery's transport."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kombu import Connection
from kombu.exceptions import OperationalError

from academy.environment.paths import broker_url, embedded_url, socket_dir, socket_url

USER, PASSWORD = "someone", "p@ss/w#rd:é"  # what must be percent-encoded
LOGIN = "someone:p%40ss%2Fw%23rd%3A%C3%A9"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """A Valkey that knows nobody but `someone`, on a port and on a socket with odd characters."""
    with tempfile.TemporaryDirectory(prefix="academy é") as folder:
        path, port = Path(folder) / "a server.sock", free_port()
        acl = Path(folder) / "users.acl"
        acl.write_text(
            f"user default off\nuser {USER} on >{PASSWORD} ~* &* +@all\n", encoding="utf-8"
        )
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "academy.supervisor.embedded", "--port", str(port)),
                *("--bind", "127.0.0.1", "--unixsocket", str(path), "--save", ""),
                *("--aclfile", str(acl), "--dir", folder, "--logfile", "log"),
            ]
        )
        try:
            deadline = time.monotonic() + 10
            while not path.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
            yield path, port
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture(scope="module")
def tls_port(server, certificate):
    """TLS before the server: the wheel's Valkey is built without it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve(client):
        with (
            contextlib.suppress(OSError),
            context.wrap_socket(client, server_side=True) as inside,
            socket.socket(socket.AF_UNIX) as outside,
        ):
            outside.connect(str(server[0]))
            back = threading.Thread(target=pump, args=(outside, inside))
            back.start()
            pump(inside, outside)
            back.join()

    def accept():
        while not closing.is_set():
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    listener.settimeout(0.2)
    thread = threading.Thread(target=accept)
    thread.start()
    yield listener.getsockname()[1]
    closing.set()
    thread.join()
    listener.close()


@pytest.fixture(params=["tcp", "tcp with database", "socket", "socket, login in query", "tls"])
def url(request, server, tls_port, certificate):
    path, port = server
    address = socket_url(path)
    return {
        "tcp": f"redis://{LOGIN}@127.0.0.1:{port}",
        "tcp with database": f"redis://{LOGIN}@127.0.0.1:{port}/3",
        "socket": address.replace("unix://", f"unix://{LOGIN}@"),
        "socket, login in query": f"{address}?db=2&username=someone&password={LOGIN.split(':')[1]}",
        "tls": f"rediss://{LOGIN}@localhost:{tls_port}?ssl_ca_certs={certificate}",
    }[request.param]


def test_redis_py_signs_in_by_every_form_of_address(url):
    client = redis.Redis.from_url(url, socket_timeout=5)

    assert client.ping()
    client.close()


def test_celerys_transport_carries_a_message_by_every_form_of_address(url):
    with Connection(broker_url(url), transport_options={"socket_timeout": 5}) as connection:
        queue = connection.SimpleQueue("forms")
        queue.put({"job_id": "1"})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()

    assert message.payload == {"job_id": "1"}


def test_a_certificate_of_nobody_known_is_refused_by_celerys_transport(tls_port):
    url = broker_url(f"rediss://{LOGIN}@localhost:{tls_port}")

    with Connection(url) as connection, pytest.raises(OperationalError, match="CERTIFICATE"):
        connection.ensure_connection(max_retries=1, interval_start=0)


def test_the_wrong_password_is_refused(server):
    client = redis.Redis.from_url(f"redis://someone:wrong@127.0.0.1:{server[1]}")

    with pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
    client.close()


def test_sockets_of_two_checkouts_and_two_ports_never_meet(tmp_path):
    folders = {socket_dir(base_dir=tmp_path / name, port=p) for name in "ab" for p in (8000, 8001)}

    assert len(folders) == 4


def test_a_socket_path_fits_however_long_the_temporary_folder_is(tmp_path, monkeypatch):
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    assert len(os.fsencode(socket_dir(base_dir=tmp_path) / "queue.sock")) < 108


def test_a_runtime_folder_that_is_not_there_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))

    assert socket_dir(base_dir=tmp_path).parent == Path(tempfile.gettempdir())


def test_a_shell_finds_the_servers_where_the_run_noted_them(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "queue.url").write_text("unix:///somewhere/queue.sock\n", encoding="utf-8")

    found = [
        embedded_url(var_dir=tmp_path, base_dir=tmp_path, name=name) for name in ("queue", "cache")
    ]

    assert found[0] == "unix:///somewhere/queue.sock"
    assert found[1] == socket_url(socket_dir(base_dir=tmp_path) / "cache.sock")
