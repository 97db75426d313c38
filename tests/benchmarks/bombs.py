"""Requests made to hurt: small to send, large to read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import msgspec

MB = 1024 * 1024
_PART = 64 * 1024
# Refused whole, or event by event in a batch that is answered 200.
REFUSED = (400, 401, 405, 408, 413, 429, 431)


class Bomb(msgspec.Struct, frozen=True):
    """`parts`: the bytes of the request as they are sent, given a write key. `each`: its events are
    refused one by one, in an answer of 200."""

    name: str
    parts: Callable[[str], Iterator[bytes]]
    each: bool = False


def _whole(body: bytes, path: str, more: str = "") -> Callable[[str], Iterator[bytes]]:
    def parts(key: str) -> Iterator[bytes]:
        yield _head(path, key, f"Content-Length: {len(body)}\r\n{more}")
        for start in range(0, len(body), _PART):
            yield body[start : start + _PART]

    return parts


def _head(path: str, key: str, more: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        f"Connection: close\r\n{more}\r\n"
    ).encode()


def _zeros(size: int) -> bytes:
    """`size` bytes of spaces as gzip, made without packing them all."""
    packer = zlib.compressobj(9, wbits=31)
    first = packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (size // MB - 2) + packer.flush()


def _endless(key: str) -> Iterator[bytes]:
    yield _head("/v1/batch", key, "Transfer-Encoding: chunked\r\n")
    for _ in range(1000):
        yield b"10000\r\n" + b" " * _PART + b"\r\n"


def _crumbs(key: str) -> Iterator[bytes]:
    """A body in chunks of one byte each."""
    yield _head("/v1/batch", key, "Transfer-Encoding: chunked\r\n")
    for _ in range(20):
        yield b"1\r\n \r\n" * 10_000
    yield b"0\r\n\r\n"


def _large_head(key: str) -> Iterator[bytes]:
    yield b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-Large: "
    for _ in range(200):
        yield b"x" * _PART


def _many_headers(key: str) -> Iterator[bytes]:
    yield _head("/v1/batch", key, "".join(f"X-{n}: 1\r\n" for n in range(3000)))


def _long_path(key: str) -> Iterator[bytes]:
    yield b"POST /v1/batch?" + b"a" * 50_000 + b"&" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n"
    yield b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"


def _event(properties: bytes) -> bytes:
    return b'{"type":"track","event":"E","anonymousId":"a","properties":' + properties + b"}"


def _batch(events: bytes) -> bytes:
    return b'{"batch":[' + events + b"]}"


def bombs() -> list[Bomb]:
    """All of them; made anew, for they are large."""
    gz = "Content-Encoding: gzip\r\n"
    keys = b",".join(b'"k%d":1' % n for n in range(2_000_000))
    some = b",".join(b'"%x":1' % n for n in range(350_000))
    shallow = b"{" + b",".join(b'"k%d":1' % n for n in range(2000)) + b"}"
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    under = b'{"a":' * 400 + b"1" + b"}" * 400
    return [
        Bomb("gzip, 10 MB that unpack to 10 GB", _whole(_zeros(10_000 * MB), "/v1/batch", gz)),
        Bomb("gzip, 3 MB that unpack to 3 GB", _whole(_zeros(3000 * MB), "/v1/batch", gz)),
        Bomb("gzip in gzip", _whole(gzip.compress(_zeros(2000 * MB)), "/v1/batch", gz)),
        Bomb("2 M keys", _whole(_batch(_event(b"{" + keys + b"}")), "/v1/batch")),
        Bomb("350 k keys, as much as fits", _whole(_event(b"{" + some + b"}"), "/v1/track")),
        Bomb("350 k keys in a batch", _whole(_batch(_event(b"{" + some + b"}")), "/v1/batch"),
             each=True),
        Bomb("2000 keys in 20 kB", _whole(_event(shallow), "/v1/track")),
        Bomb("depth 100 k", _whole(_event(deep), "/v1/track")),
        Bomb("depth 100 k, no key elsewhere", _whole(deep, "/v1/track")),
        Bomb("depth 100 k in a batch", _whole(_batch(_event(deep)), "/v1/batch")),
        Bomb("depth 400 in a batch", _whole(_batch(_event(under)), "/v1/batch"), True),
        Bomb("depth of brackets", _whole(b"[" * 4_000_000, "/v1/batch")),
        Bomb("a key of 30 kB", _whole(_event(b'{"' + b"k" * 30_000 + b'":1}'), "/v1/track")),
        Bomb("2 M tiny values in a batch", _whole(_batch(b"1," * 2_000_000 + b"1"), "/v1/batch")),
        Bomb("1 M empty events", _whole(_batch(b"{}," * 1_300_000 + b"{}"), "/v1/batch")),
        Bomb("700 k texts in a batch", _whole(_batch(b'"aa",' * 800_000 + b'""'), "/v1/batch")),
        Bomb("escapes", _whole(_batch(b'"' + b"\\n" * 2_000_000 + b'\\ud800"'), "/v1/batch"), True),
        Bomb("halves", _whole(_batch(b'"' + b"\\n\\ud800" * 500_000 + b'"'), "/v1/batch")),
        Bomb("halves in a row", _whole(_batch(b'"' + b"\\ud800" * 650_000 + b'"'), "/v1/batch"),
             each=True),
        Bomb("2500 refused events", _whole(_batch(b'{"a":1},' * 2499 + b"{}"), "/v1/batch"), True),
        Bomb("a number of 4 MB", _whole(_batch(b"1" * 4_000_000), "/v1/batch"), True),
        Bomb("decide: 350 k keys", _whole(b"{" + some + b"}", "/v1/decide")),
        Bomb("webhook of 9 MB", _whole(b" " * (9 * MB), "/hooks/1")),
        Bomb("form of 3 MB", _whole(b"a=1&" * 750_000, "/admin/login",
                                    "Content-Type: application/x-www-form-urlencoded\r\n")),
        Bomb("chunks without end", _endless),
        Bomb("200 k chunks of a byte", _crumbs),
        Bomb("a header of 13 MB", _large_head),
        Bomb("3000 headers", _many_headers),
        Bomb("an address of 60 kB", _long_path),
    ]  # fmt: skip
