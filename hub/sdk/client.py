"""The only HTTP client: vetted addresses, no redirects, limits on size and time, retries."""

from __future__ import annotations

import asyncio
import email.utils
import functools
import os
import random
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson

from hub.sdk.auth import Auth
from hub.sdk.clock import Clock
from hub.sdk.errors import Broken, HubError, NeedsAttention, Refused, Retryable
from hub.sdk.guard import Guard, Target
from hub.sdk.secret import SecretText, scrub

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
SAFE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_CODE = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")


@functools.cache
def _authorities(file: str, folder: str) -> ssl.SSLContext:
    # Reading them takes 45 ms: once for each place they are read from, not once per host.
    return ssl.create_default_context()


class Answered(Refused):
    """The other side understood and said no: its status and its own error code."""

    def __init__(self, message: str, *, status: int, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Moved(NeedsAttention):
    """The page lives elsewhere: at `location`. It is never followed without asking."""

    def __init__(self, message: str, *, location: str) -> None:
        super().__init__(message)
        self.location = location


class Denied(NeedsAttention):
    """The other side does not let us in: 401 or 403, with its own error code."""

    def __init__(self, message: str, *, status: int, code: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that one request may cost. `patience` bounds a wait that was asked."""

    connect: float = 10
    read: float = 30
    total: float = 90
    body: int = 32 * 1024 * 1024
    attempts: int = 4
    patience: float = 60


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes
    place: str  # host and path, for messages: never the query, which may hold a key

    def json(self) -> Any:
        """The body as JSON; raises Broken with words that a shop owner understands."""
        body = self.body.removeprefix(b"\xef\xbb\xbf").strip()
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Broken(f"{self.place} {_nonsense(body)}") from None

    def number(self, header: str) -> int | None:
        """A header that holds a count, or None."""
        value = self.headers.get(header.lower(), "")
        return int(value) if value.isascii() and value.isdigit() else None


class HttpClient:
    """Speaks HTTP for connectors and channels. Close it with `aclose`."""

    def __init__(
        self,
        clock: Clock,
        *,
        guard: Guard | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        agent: str = "Regulars",
    ) -> None:
        self._clock = clock
        self._guard = guard or Guard()
        self._limits = limits or Limits()
        self._sleep = sleep
        self._jitter = jitter
        self._agent = agent
        # One pool per origin and address: a connection that was verified for one name is
        # never used for another that happens to share the address.
        self._pools: dict[tuple[str, str, int, str], httpx.AsyncHTTPTransport] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        auth: Auth | None = None,
        repeat: bool | None = None,
    ) -> Response:
        """One request, repeated on 429, 5xx and lost connections (GET, PUT, DELETE, or when
        `repeat`). Answers below 400 are returned; others raise one of hub.sdk.errors."""
        if "?" in url or "#" in url:
            raise ValueError("give the query as params")
        hidden = auth.secrets if auth else ()
        body = orjson.dumps(json) if json is not None else content
        extra = dict(headers or {})
        if json is not None:
            extra["Content-Type"] = "application/json"
        call = _Call(method, url, list(params), extra, body, auth)
        attempts = self._limits.attempts if (method in SAFE if repeat is None else repeat) else 1
        try:
            return await self._persist(call, attempts)
        except HubError as error:
            raise _scrubbed(error, hidden) from None

    async def aclose(self) -> None:
        """Close every connection."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    async def _persist(self, call: _Call, attempts: int) -> Response:
        for attempt in range(1, attempts + 1):
            try:
                response = await self._once(call)
                _judge(response, self._clock)
                return response
            except Retryable as error:
                wait = error.after
                if attempt == attempts or (wait is not None and wait > self._limits.patience):
                    raise
                backoff = min(2.0 ** (attempt - 1), 20.0)
                await self._sleep(wait if wait is not None else backoff * (0.5 + self._jitter()))
        raise AssertionError("unreachable")

    async def _once(self, call: _Call) -> Response:
        parts = urlsplit(call.url)
        place = f"{parts.hostname}{parts.path}"
        try:
            async with asyncio.timeout(self._limits.total):
                target = await self._guard.vet(call.url)
                return await self._send(call, target, place)
        except (TimeoutError, httpx.TimeoutException):
            raise Retryable(f"{place} did not answer in time.") from None
        except httpx.TransportError as error:
            raise _unreachable(place, error) from None
        except httpx.InvalidURL:
            raise NeedsAttention("The address is not a valid web address.") from None

    async def _send(self, call: _Call, target: Target, place: str) -> Response:
        failure: httpx.TransportError | None = None
        for address in target.addresses:
            pool = self._pool(target, address)
            try:
                answer = await pool.handle_async_request(self._build(call, target, address))
            except httpx.ConnectError as error:
                failure = error
                continue
            try:
                body = await _read(answer, self._limits.body, place)
            finally:
                await answer.aclose()
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status_code, names, body, place)
        raise failure or httpx.ConnectError("no address")

    def _pool(self, target: Target, address: str) -> httpx.AsyncHTTPTransport:
        key = (target.scheme, target.host, target.port, address)
        if key not in self._pools:
            # No environment: a proxy or certificate set there would bypass the guard.
            # Reading the certificates of this machine takes long; plain http needs none.
            place = [os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")]
            verify = _authorities(*place) if target.scheme == "https" else False
            self._pools[key] = httpx.AsyncHTTPTransport(verify=verify, trust_env=False, retries=0)
        return self._pools[key]

    def _build(self, call: _Call, target: Target, address: str) -> httpx.Request:
        params = call.params
        signed: dict[str, str] = {}
        if call.auth:
            params, signed = call.auth.sign(call.method, call.url, call.params)
        query = urlencode(params, quote_via=quote)
        url = httpx.URL(f"{call.url}?{query}" if query else call.url)
        headers = {
            "Host": url.netloc.decode(),
            "User-Agent": self._agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            **call.headers,
            **signed,
        }
        limits = self._limits
        timeout = httpx.Timeout(limits.read, connect=limits.connect)
        extensions: dict[str, Any] = {"timeout": timeout.as_dict()}
        if target.scheme == "https":
            extensions["sni_hostname"] = target.host
        return httpx.Request(
            call.method,
            url.copy_with(scheme=target.scheme, host=address, port=target.port),
            headers=headers,
            content=call.content,
            extensions=extensions,
        )


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    params: list[tuple[str, str]]
    headers: dict[str, str]
    content: bytes | None
    auth: Auth | None


async def _read(answer: httpx.Response, limit: int, place: str) -> bytes:
    """The decoded body; both the raw and the inflated size are bounded while reading."""
    encoding = answer.headers.get("content-encoding", "identity").lower()
    stream = answer.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    if encoding in {"gzip", "x-gzip", "deflate"}:
        chunks = _inflated(stream, limit)
    elif encoding in {"identity", ""}:
        chunks = aiter(stream)
    else:
        raise Broken(f"{place} answered in an unknown encoding.")
    body = bytearray()
    try:
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise Broken(f"{place} answered with more than {limit // 1024} KB.")
    except zlib.error:
        raise Broken(f"{place} answered with damaged compression.") from None
    return bytes(body)


async def _inflated(stream: httpx.AsyncByteStream, limit: int) -> AsyncIterator[bytes]:
    inflater = zlib.decompressobj(wbits=47)  # gzip or zlib
    async for chunk in stream:
        data = chunk
        while data and not inflater.eof:
            yield inflater.decompress(data, 65536)
            data = inflater.unconsumed_tail
    if not inflater.eof:
        raise zlib.error("ends early")


def _judge(response: Response, clock: Clock) -> None:
    """Turn an answer that is not a success into the error that names what to do."""
    status, place = response.status, response.place
    if status < 300:
        return
    if status < 400:
        to = response.headers.get("location", "").split("?")[0]
        words = f"{place} redirects to {to or 'elsewhere'}; enter that address."
        raise Moved(words, location=response.headers.get("location", ""))
    if status in RETRIED:
        after = _retry_after(response.headers.get("retry-after", ""), clock)
        busy = "asked us to slow down" if status == 429 else "has a fault or is too busy"
        raise Retryable(f"{place} {busy} (status {status}).", after)
    code, message = _vendor_error(response.body)
    said = f": {message}" if message else _page_hint(response.body)
    if status in {401, 403}:
        words = f"{place} refused access (status {status}){said}"
        raise Denied(words, status=status, code=code)
    raise Answered(f"{place} refused the request (status {status}){said}", status=status, code=code)


def _vendor_error(body: bytes) -> tuple[str, str]:
    """The error code and sentence of a JSON error body, as far as it has them."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(data, dict):
        return "", ""
    message = data.get("message")
    words = message[:300] if isinstance(message, str) else ""
    return _vendor_code(data), _text(words)


def _vendor_code(data: Mapping[str, Any]) -> str:
    """`code`, or what other vendors call it when it is one short word, never a sentence."""
    if isinstance(code := data.get("code"), str) and code:
        return code
    words = (data.get(key) for key in ("category", "error", "type"))
    return next((w for w in words if isinstance(w, str) and _CODE.fullmatch(w)), "")


def _page_hint(body: bytes) -> str:
    title = _title(body)
    if not title:
        return "."
    return f' with a web page: "{title}". A firewall or security plugin may be in the way.'


def _nonsense(body: bytes) -> str:
    """Says what came instead of JSON."""
    if not body:
        return "answered with an empty page instead of data."
    start = body[:2000].decode("utf-8", "replace")
    if re.match(r"(?i)\s*(<br\s*/?>\s*)?(<b>)?(notice|warning|deprecated|fatal error)\b", start):
        return f'put a PHP message before its data: "{_text(start)[:120]}". Switch it off there.'
    if start.lstrip().startswith("<"):
        return f'answered with a web page instead of data: "{_title(body) or "no title"}".'
    if start[:1] in "[{":
        return "answered with data that breaks off or is damaged."
    return f'answered with text instead of data: "{_text(start)[:80]}".'


def _title(body: bytes) -> str:
    text = body[:20000].decode("utf-8", "replace")
    found = re.search(r"(?is)<title[^>]*>(.{0,400}?)</title>", text)
    return _text(found.group(1))[:120] if found else ""


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def _retry_after(value: str, clock: Clock) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = email.utils.parsedate_to_datetime(value)
        return max(0.0, (moment - clock.now()).total_seconds())
    except (TypeError, ValueError):
        return None


def _unreachable(place: str, error: httpx.TransportError) -> HubError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return NeedsAttention(f"{place} has no valid certificate for its name.")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return Retryable(f"{place} could not be reached.")
    return Retryable(f"{place} broke off the answer.")


def _scrubbed(error: HubError, hidden: tuple[SecretText, ...]) -> HubError:
    """The same error with secrets blanked and without the request that it came from."""
    error.args = tuple(scrub(arg, hidden) if isinstance(arg, str) else arg for arg in error.args)
    if isinstance(error, (Answered, Denied)):
        error.code = scrub(error.code, hidden)
    error.__cause__ = error.__context__ = None
    return error
