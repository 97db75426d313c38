"""What a request may be at most, and the one JSON reader that enforces it."""

from __future__ import annotations

import re
import zlib
from typing import Any

import orjson

EVENT_BYTES = 32 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_EVENTS = 2500
DEPTH = 32
KEYS = 1000
KEY_BYTES = 256
CROWD = 100_000


class BadInput(Exception):
    """The request can not be read; the message names the field or the remedy."""


def inflate(body: bytes) -> bytes:
    """Unpack a gzip body, counting bytes as they come so that a bomb stops early."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, BATCH_BYTES + 1)
    except zlib.error as error:
        raise BadInput("body: Content-Encoding says gzip, but it is not gzip") from error
    if len(data) > BATCH_BYTES:
        raise BadInput(f"body: larger than {BATCH_BYTES} bytes when unpacked")
    if not unpacker.eof:
        raise BadInput("body: the gzip data is cut off")
    return data


def read_json(raw: bytes, what: str = "body") -> Any:
    """Strict JSON within the limits. Raises BadInput with the reason."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{what}: not valid JSON ({error})") from error
    check_shape(raw, value, what)
    return value


def check_shape(raw: bytes, value: Any, what: str) -> None:
    """Refuse NUL characters, depth and key counts that would hurt later."""
    if b"\\" in raw and b"\\u0000" in raw:
        raise BadInput(f"{what}: contains a NUL character (\\u0000)")
    # Brackets bound the depth from above, and 1000 keys take more than 4096 bytes: most events
    # need no walk.
    if len(raw) > 4096 or raw.count(b"{") + raw.count(b"[") > DEPTH:
        _walk(value, what)


def _walk(value: Any, what: str) -> None:
    keys = 0
    level: list[Any] = [value]
    depth = 0
    while level:
        depth += 1
        if depth > DEPTH:
            raise BadInput(f"{what}: nested deeper than {DEPTH} levels")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                keys += len(item)
                if any(len(key) > KEY_BYTES for key in item):
                    raise BadInput(f"{what}: a key is longer than {KEY_BYTES} characters")
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if keys > KEYS:
            raise BadInput(f"{what}: more than {KEYS} keys")
        level = [item for item in below if isinstance(item, dict | list)]


_HALF = rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# One escape after another, so that a backslash before a `u` is never mistaken for one. Without a
# way back (++): a body of escapes would fill the memory with places to go back to.
_WHOLE = re.compile(rb"(?>[^\\]++|" + _PAIR + rb"|(?!" + _HALF + rb")\\.)++", re.DOTALL)
_HALVES = re.compile(rb"(?>(?!" + _PAIR + rb")" + _HALF + rb")++")
BROKEN = 10_000  # places in one request


def mend(raw: bytes) -> bytes:
    """The same JSON with each half of a character replaced by U+FFFD.

    A page that cuts a text in the middle of an emoji sends such halves; one of them must not cost
    a whole batch. Raises BadInput when there are more of them than cutting can explain.
    """
    # Most events hold no escape at all, and that is by far the fastest search.
    if b"\\" not in raw or not (b"\\ud" in raw or b"\\uD" in raw):
        return raw
    parts: list[bytes] = []
    at = 0
    while at < len(raw) and len(parts) < 2 * BROKEN:
        if whole := _WHOLE.match(raw, at):
            parts.append(whole[0])
            at = whole.end()
        if halves := _HALVES.match(raw, at):
            parts.append(b"\\ufffd" * (len(halves[0]) // 6))
            at = halves.end()
        elif at < len(raw):  # a backslash at the very end
            parts.append(raw[at:])
            break
    else:
        if at < len(raw):
            raise BadInput(f"body: more than {BROKEN} halves of characters")
    return b"".join(parts)


def check_crowded(raw: bytes) -> None:
    """Refuse a batch of countless tiny values before each of them becomes an object in memory."""
    if len(raw) > 2 * CROWD:
        values = raw.count(b",")
        if values > CROWD and values * 8 > len(raw):
            raise BadInput(f"batch: more than {CROWD} values that are almost nothing")
