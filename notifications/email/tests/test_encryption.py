import base64
import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.email.tests.server import MailServer
from scheduler.jobs.models import Status


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 that signs itself; the path of certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture(params=["smtps", "starttls"])
def encrypted(request, certificate, settings):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with MailServer(context=context, starttls=request.param == "starttls") as running:
        settings.MAIL_URL = f"{request.param}://user%40x:pa%2Fss@127.0.0.1:{running.port}"
        settings.MAIL_TIMEOUT_SECONDS = 5
        yield running


def test_mails_and_credentials_travel_encrypted(encrypted, certificate, monkeypatch, write, work):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    write()
    (job,) = work()
    assert job.status == Status.SUCCEEDED, job.error_detail
    assert len(encrypted.mails) == 1
    assert base64.b64decode(encrypted.credentials[0]) == b"\0user@x\0pa/ss"


def test_a_server_that_cannot_prove_its_name_gets_nothing(encrypted, write, work):
    write()
    (job,) = work()
    assert job.status == Status.RETRYING
    assert not encrypted.mails
    assert not encrypted.credentials
