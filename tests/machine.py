"""A machine to install on: a folder that stands for /, its own CA, a proxy with the shop's site."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import shlex
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

HUB_HOST, SHOP_HOST = "hub.shop.test", "shop.test"
HUB = Path(sys.executable).parent / "hub"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{snippet}</head><body><h1>The shop</h1><div data-regulars-slot="top"></div></body></html>"""


def _certify(
    name: str,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    hosts: list[str],
    days: int = 60,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        built = built.add_extension(names, critical=False)
    return built.sign(issuer[1] if issuer else key, hashes.SHA256()), key


@dataclass
class Machine:
    """The folder, the proxy's https port, and what was typed so far."""

    root: Path
    port: int = field(default_factory=free_port)
    typed: list[str] = field(default_factory=list)
    spki: str = ""
    days: int = 60  # that the certificate is valid

    def __post_init__(self) -> None:
        authority = _certify("A shop's own authority", None, [])
        leaf, key = _certify(HUB_HOST, authority, [HUB_HOST, SHOP_HOST], self.days)
        pem = serialization.Encoding.PEM
        self.ca.write_bytes(authority[0].public_bytes(pem))
        self.cert.write_bytes(leaf.public_bytes(pem) + authority[0].public_bytes(pem))
        self.key.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.spki = base64.b64encode(sha256(public).digest()).decode()
        self.pages.mkdir()
        self.publish("")

    @property
    def ca(self) -> Path:
        return self.root / "ca.pem"

    @property
    def cert(self) -> Path:
        return self.root / "cert.pem"

    @property
    def key(self) -> Path:
        return self.root / "key.pem"

    @property
    def pages(self) -> Path:
        return self.root / "pages"

    def publish(self, snippet: str) -> None:
        """The shop's page, with this line in its head."""
        (self.pages / "index.html").write_text(PAGE.format(snippet=snippet))

    def prepare_caddy(self) -> None:
        """The Caddyfile of a machine whose Caddy serves the shop."""
        folder = self.root / "etc/caddy"
        folder.mkdir(parents=True)
        (folder / "Caddyfile").write_text(
            f"{{\n\tadmin off\n\thttp_port {free_port()}\n}}\n\n{SHOP_HOST}:{self.port} {{\n"
            f"\ttls {self.cert} {self.key}\n\troot * {self.pages}\n\tfile_server\n}}\n"
        )

    def prepare_nginx(self) -> None:
        """The files of a machine whose nginx serves the shop; it writes into the folder only."""
        folder = self.root / "etc/nginx"
        (folder / "sites-enabled").mkdir(parents=True)
        (folder / "conf.d").mkdir()
        work = self.root / "nginx"
        work.mkdir()
        temporary = "\n".join(
            f"{kind}_temp_path {work / kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user}\ndaemon off;\npid {work / 'pid'};\nerror_log {work / 'error.log'};\n"
            f"events {{}}\nhttp {{\naccess_log off;\ndefault_type text/html;\n{temporary}\n"
            "include conf.d/*.conf;\ninclude sites-enabled/*;\n}\n"
        )
        (folder / "sites-enabled" / "shop").write_text(
            f"server {{\n    listen {self.port} ssl; # a comment with }} in it\n"
            f"    server_name {SHOP_HOST};\n    ssl_certificate {self.cert};\n"
            f"    ssl_certificate_key {self.key};\n"
            "    location ~ \\.js$ { return 404; }\n"
            f"    location / {{ root {self.pages}; }}\n}}\n"
        )

    def type(self, line: str) -> str:
        """One command in the terminal; what it printed."""
        self.typed.append(line)
        done = subprocess.run(
            shlex.split(line), check=False, capture_output=True, text=True, timeout=120,
            env=self.environment, cwd=self.root,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def doctor(self, folder: Path, *options: str) -> list[dict[str, str]]:
        """The checks of `hub doctor`, whatever they say."""
        done = subprocess.run(
            [str(HUB), "doctor", "--json", "--data", str(folder), *options],
            check=False, capture_output=True, text=True, timeout=120,
            env={**self.environment, "SSL_CERT_FILE": str(self.ca),
                 "HUB_PRIVATE_HOSTS": f"{SHOP_HOST}:{self.port}"},
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        checks: list[dict[str, str]] = json.loads(done.stdout)
        return checks

    @contextlib.contextmanager
    def running(self, line: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """One command in the terminal that goes on until the block ends, and then ends well."""
        self.typed.append(line)
        with (self.root / "output.log").open("ab") as output:
            process = subprocess.Popen(
                shlex.split(line), stdout=output, stderr=output, cwd=self.root,
                env={**self.environment, **more},
            )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            try:
                code = process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
        assert code in (0, -15), (line, code, self.log)

    @property
    def log(self) -> str:
        return (self.root / "output.log").read_text()[-3000:]

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
        return {
            **kept, "XDG_DATA_HOME": str(self.root / "xdg"),
            "PATH": f"{kept.get('PATH', '')}:/usr/sbin:/usr/local/sbin",
        }  # fmt: skip

    def get(self, host: str, path: str) -> tuple[int, bytes]:
        """One page over https, its certificate checked against the CA; status 0: nobody there."""
        context = ssl.create_default_context(cafile=str(self.ca))
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{self.port}\r\nConnection: close\r\n\r\n"
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
                context.wrap_socket(plain, server_hostname=host) as tls,
            ):
                tls.sendall(request.encode())
                answer = b"".join(iter(lambda: tls.recv(65536), b""))
        except (ConnectionError, TimeoutError):
            return 0, b""
        status = re.match(rb"HTTP/1\.1 (\d+)", answer)
        return int(status[1]) if status else 0, answer
