"""The HTTP client against real servers on this machine."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hub.sdk.auth import Bearer
from hub.sdk.client import Answered, Denied, HttpClient, Limits
from hub.sdk.errors import Broken, NeedsAttention, Retryable
from hub.sdk.guard import Guard
from hub.sdk.loopback import serving
from hub.sdk.secret import SecretText
from hub.sdk.testing import SteppingClock, Waits, quick_client

Answer = Callable[[Request], Any]


class Site:
    """A server that answers what the test says, and counts."""

    def __init__(self) -> None:
        self.answer: Answer = lambda request: Response(b"{}")
        self.seen: list[Request] = []
        methods = ["GET", "POST", "PUT"]
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=methods)])
        self.waits = Waits()
        self.client = quick_client(SteppingClock(), self.waits)
        self.url = ""

    async def _take(self, request: Request) -> Response:
        self.seen.append(request)
        await request.body()
        response: Response = self.answer(request)
        return response

    async def get(self, **more: Any) -> Any:
        return await self.client.request("GET", self.url + "/thing", **more)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site()
    async with serving(found.app) as url:
        found.url = url
        yield found
        await found.client.aclose()


def text(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda request: Response(body, status, named)


@pytest.mark.parametrize(
    "body",
    [b'{"a":1}', b'\xef\xbb\xbf{"a":1}', b'\r\n {"a":1} \n', b'\xef\xbb\xbf\n{"a":1}'],
)
async def test_json_with_a_byte_order_mark_or_blanks_is_read(site: Site, body: bytes) -> None:
    site.answer = text(body)
    assert (await site.get()).json() == {"a": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty page"),
        (
            b"<!DOCTYPE html><title>Wartung &ndash; Shop</title>",
            'web page instead of data: "Wartung',
        ),
        (b"<html><body>hi", 'web page instead of data: "no title"'),
        (b'<br />\n<b>Notice</b>: Undefined index in /x.php\n{"a":1}', "PHP message"),
        (b'Warning: foo() in x.php on line 3\n{"a":1}', "PHP message"),
        (b'Deprecated: x\n{"a":1}', "PHP message"),
        (b'{"a":', "breaks off"),
        (b'[{"a":1},', "breaks off"),
        (b"OK", 'text instead of data: "OK"'),
        (b"\xff\xfe\x00", "text instead of data"),
        (b'{"a":NaN}', "damaged"),
    ],
)
async def test_nonsense_is_named(site: Site, body: bytes, words: str) -> None:
    site.answer = text(body)
    response = await site.get()
    with pytest.raises(Broken) as caught:
        response.json()
    assert words in str(caught.value)
    assert "127.0.0.1/thing" in str(caught.value)
    assert "<b>" not in str(caught.value)


async def test_a_refusal_says_what_the_vendor_said(site: Site) -> None:
    site.answer = text(b'{"code":"bad_id","message":"No <b>such</b> thing"}', 404)
    with pytest.raises(Answered) as caught:
        await site.get()
    assert (caught.value.status, caught.value.code) == (404, "bad_id")
    assert "No such thing" in str(caught.value)
    assert site.waits.seconds == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"category":"VALIDATION_ERROR","error":"x"}', "VALIDATION_ERROR"),
        (b'{"code":404,"error":"invalid_grant"}', "invalid_grant"),
        (b'{"code":"","error":{"type":"inner"},"type":"card_error"}', "card_error"),
        (b'{"code":"own","category":"OTHER"}', "own"),
        (b'{"error":"Something is wrong with ann@example.test"}', ""),
        (b'{"error":"' + b"x" * 65 + b'"}', ""),
        (b'{"type":["a"]}', ""),
    ],
)
async def test_the_code_of_a_refusal_is_found_under_its_other_names(
    site: Site, body: bytes, code: str
) -> None:
    site.answer = text(body, 400)
    with pytest.raises(Answered) as caught:
        await site.get()
    assert caught.value.code == code


async def test_a_firewall_page_is_named(site: Site) -> None:
    site.answer = text(b"<title>Attention Required!</title>", 403)
    with pytest.raises(Denied, match=r"Attention Required!.*firewall"):
        await site.get()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_passing_faults_are_tried_again(site: Site, status: int) -> None:
    def once(request: Request) -> Response:
        return Response(b"{}", status if len(site.seen) < 3 else 200)

    site.answer = once
    assert (await site.get()).status == 200
    assert (len(site.seen), site.waits.seconds) == (3, [1.0, 2.0])


async def test_it_gives_up_after_a_few_attempts(site: Site) -> None:
    site.answer = text(b"", 503)
    with pytest.raises(Retryable) as caught:
        await site.get()
    assert (len(site.seen), caught.value.after) == (3, None)


async def test_a_long_wait_is_handed_to_the_caller(site: Site) -> None:
    site.answer = text(b"", 429, retry_after="3600")
    with pytest.raises(Retryable) as caught:
        await site.get()
    assert (len(site.seen), caught.value.after, site.waits.seconds) == (1, 3600.0, [])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("9", 9.0),
        ("Mon, 23 Nov 2026 17:00:20 GMT", 20.0),
        ("Mon, 23 Nov 2026 16:00:00 GMT", 0.0),
        ("-5", 1.0),
        ("soon", 1.0),
        ("9" * 40, None),
    ],
)
async def test_retry_after_in_every_form(site: Site, value: str, seconds: float | None) -> None:
    site.answer = text(b"", 429, retry_after=value)
    with pytest.raises(Retryable):
        await site.get()
    assert site.waits.seconds[:1] == ([] if seconds is None else [seconds])


async def test_a_post_is_not_repeated_unless_told(site: Site) -> None:
    site.answer = text(b"", 503)
    with pytest.raises(Retryable):
        await site.client.request("POST", site.url + "/x", json={})
    assert len(site.seen) == 1
    with pytest.raises(Retryable):
        await site.client.request("POST", site.url + "/x", json={}, repeat=True)
    assert len(site.seen) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(site: Site, status: int) -> None:
    site.answer = text(b"", status, location=f"{site.url}/inner?secret=1")
    with pytest.raises(NeedsAttention, match="redirects to") as caught:
        await site.get()
    assert "secret" not in str(caught.value)
    assert len(site.seen) == 1


async def test_a_body_that_is_too_large_is_cut_off(site: Site) -> None:
    site.client = _limited(body=100_000)
    site.answer = text(b"x" * 100_001)
    with pytest.raises(Broken, match="more than"):
        await site.get()
    site.answer = text(b"x" * 100_000)
    assert len((await site.get()).body) == 100_000


async def test_a_small_answer_that_inflates_is_cut_off(site: Site) -> None:
    site.client = _limited(body=100_000)
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    site.answer = text(bomb, content_encoding="gzip")
    tracemalloc.start()
    with pytest.raises(Broken, match="more than"):
        await site.get()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


async def test_compressed_answers(site: Site) -> None:
    packed = gzip.compress(b'{"a":1}')
    site.answer = text(packed, content_encoding="gzip")
    assert (await site.get()).json() == {"a": 1}
    for damaged in (packed[:-9], b"not gzip"):
        site.answer = text(damaged, content_encoding="gzip")
        with pytest.raises(Broken, match="damaged compression"):
            await site.get()
    site.answer = text(b"x", content_encoding="br")
    with pytest.raises(Broken, match="encoding"):
        await site.get()


async def test_an_answer_that_trickles_is_given_up(site: Site) -> None:
    never = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b"["
        await never.wait()

    site.client = _limited(total=0.2)
    site.answer = lambda request: StreamingResponse(trickle())
    with pytest.raises(Retryable, match="in time"):
        await site.get()
    never.set()


async def test_nobody_at_home() -> None:
    waits = Waits()
    client = quick_client(SteppingClock(), waits)
    with pytest.raises(Retryable, match="could not be reached"):
        await client.request("GET", "http://127.0.0.1:1/x")
    assert len(waits.seconds) == 2


async def test_what_is_sent(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # no proxy of the environment is used
    await site.get(params=[("q", "a b&c"), ("e", "é")], auth=Bearer(SecretText("t")))
    sent = site.seen[0]
    assert sent.query_params.multi_items() == [("q", "a b&c"), ("e", "é")]
    assert sent.headers["authorization"] == "Bearer t"
    assert sent.headers["host"] == site.url.removeprefix("http://")
    assert sent.headers["user-agent"] == "Regulars"


async def test_the_query_is_given_apart(site: Site) -> None:
    with pytest.raises(ValueError, match="params"):
        await site.client.request("GET", site.url + "/x?key=1")


async def test_the_vetted_address_is_the_one_that_is_called(site: Site) -> None:
    """A resolver that changes its mind between the check and the call finds no gap."""
    answers = [["127.0.0.1"], ["10.9.9.9"]]

    async def flipping(host: str, port: int) -> list[str]:
        return answers.pop(0)

    host, port = "shop.test", site.url.rpartition(":")[2]
    guard = Guard(frozenset({host}), flipping)
    client = HttpClient(SteppingClock(), guard=guard, sleep=Waits())
    await client.request("GET", f"http://{host}:{port}/a")
    await client.aclose()
    assert len(answers) == 1  # asked once
    assert site.seen[0].headers["host"] == f"{host}:{port}"


async def test_nothing_inside_is_ever_called(site: Site) -> None:
    client = HttpClient(SteppingClock(), sleep=Waits())
    port = site.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "0x7f.1"):
        for scheme in ("http", "https"):
            with pytest.raises((NeedsAttention, Retryable)):
                await client.request("GET", f"{scheme}://{host}:{port}/x")
    assert site.seen == []


async def test_a_certificate_of_another_is_refused_and_the_name_is_sent(tmp_path: Path) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    context.sni_callback = lambda sock, name, ctx: names.append(name)

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def home(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    guard = Guard(frozenset({f"shop.test:{port}"}), home)
    client = HttpClient(SteppingClock(), guard=guard, sleep=Waits())
    with pytest.raises(NeedsAttention, match="certificate"):
        await client.request("GET", f"https://shop.test:{port}/x")
    await client.aclose()
    server.close()
    assert names == ["shop.test"]


def _limited(**limits: Any) -> HttpClient:
    guard = Guard(frozenset({"127.0.0.1"}))
    return HttpClient(SteppingClock(), guard=guard, limits=Limits(attempts=1, **limits))


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "other.test")])
    now = datetime(2026, 11, 23, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=900))
        .not_valid_after(now + timedelta(days=9000))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    ) + made.public_bytes(serialization.Encoding.PEM)
    path = folder / "server.pem"
    path.write_bytes(pem)
    return path
