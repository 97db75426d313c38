"""Encryption is asked for, checked, and never given up for less."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hub_email.channel import EmailChannel

from hub.sdk.channel import Message
from hub.sdk.errors import NeedsAttention

from .conftest import PASSWORD, USER, MailServer, serve


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    now = datetime.datetime.now(datetime.UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + signed.public_bytes(pem)
    )
    return file


def at_server(file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def trusting(file: Path, server: MailServer, security: str) -> EmailChannel:
    channel = EmailChannel(tls=ssl.create_default_context(cafile=str(file)))
    channel.configure(server.settings(security=security, user=USER, password=PASSWORD))
    return channel


async def test_starttls_comes_before_the_login(certificate: Path, message: Message) -> None:
    server = MailServer()
    options = {"authenticator": server.authenticate, "tls_context": at_server(certificate)}
    async with serve(server, require_starttls=True, auth_required=True, **options):
        receipt = await trusting(certificate, server, "starttls").send(message)
        assert receipt.state == "done"


async def test_tls_from_the_first_byte(certificate: Path, message: Message) -> None:
    server = MailServer()
    options = {"authenticator": server.authenticate, "auth_require_tls": False}
    async with serve(server, implicit_tls=at_server(certificate), **options):
        assert (await trusting(certificate, server, "tls").send(message)).state == "done"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_an_unknown_certificate_stops_everything(
    certificate: Path, message: Message, security: str
) -> None:
    server = MailServer()
    context = at_server(certificate)
    options = {"implicit_tls": context} if security == "tls" else {"tls_context": context}
    async with serve(server, authenticator=server.authenticate, **options):
        with pytest.raises(NeedsAttention, match="certificate"):
            channel = server.channel(security=security, user=USER, password=PASSWORD)
            await channel.send(message)
        assert server.logins == 0


async def test_no_starttls_means_no_login_in_the_clear(message: Message) -> None:
    server = MailServer()
    options = {"authenticator": server.authenticate, "auth_require_tls": False}
    async with serve(server, **options):
        with pytest.raises(NeedsAttention, match="offers no STARTTLS"):
            channel = server.channel(security="starttls", user=USER, password=PASSWORD)
            await channel.send(message)
        assert server.logins == 0
        assert not server.letters


async def test_tls_to_a_plain_port_says_what_to_check(server: MailServer, message: Message) -> None:
    with pytest.raises(NeedsAttention, match=r"smtp\.security"):
        await server.channel(security="tls").send(message)
