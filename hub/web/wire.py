"""What every public route shares: reading a body within limits, finding the key, answering."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import msgspec
import orjson

from hub.core import Hub, SourceRow
from hub.ingest.limits import BATCH_BYTES, BadInput, inflate

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Any page may call these routes: where a cookie counts, the shop's own page is named instead.
_ANY = (b"access-control-allow-origin", b"*")
CORS = [
    _ANY,
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, content-encoding, x-retry-count, anonymousid, sentat, *",
    ),
    (b"access-control-max-age", b"86400"),
    (b"access-control-expose-headers", b"retry-after"),
]
_JSON = (b"content-type", b"application/json")
_NO_STORE = (b"cache-control", b"no-store")
# What a preflight asks for is no business of the answer itself.
_NAMED = [CORS[-1], _JSON, _NO_STORE]
_HEADERS = [_ANY, *_NAMED]


class Gone(Exception):
    """The client left before its request was whole."""


class UnknownKey(Exception):
    """No enabled source has this write key."""


class _Keys(msgspec.Struct):
    writeKey: str = ""
    token: str | None = None


_keys = msgspec.json.Decoder(_Keys)


async def read_body(
    scope: Scope,
    receive: Receive,
    limit: int = BATCH_BYTES,
    took: Callable[[int], None] = lambda size: None,
) -> bytes:
    """The whole body, unpacked. Raises BadInput when it is too large, Gone.

    `took` hears the size of each part of a body that comes in parts, and may raise.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        parts = [body]
        size = len(body)
        took(size)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            parts.append(message.get("body", b""))
            took(len(parts[-1]))
            size += len(parts[-1])
            if size > limit:
                raise BadInput(f"body: larger than {limit} bytes")
        body = b"".join(parts)
    if len(body) > limit:
        raise BadInput(f"body: larger than {limit} bytes")
    encoding = header(scope, b"content-encoding").strip().lower()
    if encoding in (b"gzip", b"x-gzip"):
        return inflate(body)
    if encoding not in (b"", b"identity"):
        raise BadInput("Content-Encoding: only gzip is read")
    return body


def header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def find_source(hub: Hub, scope: Scope, body: bytes) -> tuple[SourceRow, str]:
    """The source of the write key (Basic, Bearer, body or query) and the device token, if any.

    Raises UnknownKey, and BadInput for a body that should have held the key but can not be read.
    """
    fault = ""
    said = _Keys()
    try:
        said = _keys.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        fault = f"body: {error}"
    # Some clients send a token of another kind as Bearer, with the key in the body beside it.
    for key in (_from_header(header(scope, b"authorization")), said.writeKey, _from_query(scope)):
        source = hub.keys.get(key) if key else None
        if source is not None:
            if not source.enabled:
                raise UnknownKey
            # With a key found, the event's own reader says what is wrong with the body.
            return source, said.token or ""
    if fault:
        raise BadInput(fault)
    raise UnknownKey


def _from_query(scope: Scope) -> str:
    if not scope.get("query_string"):
        return ""
    try:
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=50)
    except ValueError:  # an address made to cost time names no key
        return ""
    return str(query.get("writeKey", [""])[0])


def _from_header(value: bytes) -> str:
    scheme, _, rest = value.partition(b" ")
    if scheme.lower() == b"bearer":
        return rest.strip().decode("latin-1")
    if scheme.lower() == b"basic":
        try:
            return base64.b64decode(rest, validate=True).partition(b":")[0].decode("latin-1")
        except binascii.Error:
            return ""
    return ""


async def answer(
    send: Send, status: int, body: bytes, extra: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send one JSON answer."""
    named = any(name == _ANY[0] for name, _ in extra)
    headers = [
        *(_NAMED if named else _HEADERS),
        (b"content-length", str(len(body)).encode()),
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def refusal(reason: str) -> bytes:
    """The body of a request that was refused whole."""
    return orjson.dumps(
        {"success": False, "accepted": 0, "duplicate": 0, "rejected": [{"i": 0, "reason": reason}]}
    )
