"""What a person answers at set-up, checked: each fault says how to write it right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones

import msgspec
from babel.numbers import list_currencies

from hub.settings import ConsentMode, Smtp, check_proxies, check_public_url

Proxy = Literal["caddy", "nginx", "none"]
Tls = Literal["auto", "internal", "files"]
CONSENTS: tuple[ConsentMode, ...] = get_args(ConsentMode)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
HTTPS = 443


class Wrong(ValueError):
    """An answer that can not be used; the message says how to write it."""


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that set-up needs to know. `cert` and `key` belong to tls "files"."""

    name: str
    host: str
    https_port: int = HTTPS
    path: str = ""
    shop_url: str
    timezone: str
    currency: str
    locale: str = "en"
    consent: ConsentMode = "own"
    smtp: Smtp = msgspec.field(default_factory=Smtp)
    proxy: Proxy = "caddy"
    tls: Tls = "auto"
    cert: str = ""
    key: str = ""
    port: int = 8700
    listen: str = "127.0.0.1"
    trusted: tuple[str, ...] = ("127.0.0.1", "::1")
    title: str = ""

    @property
    def site(self) -> str:
        """The domain as proxies write it, with its port unless that is https's own."""
        return self.host if self.https_port == HTTPS else f"{self.host}:{self.https_port}"

    @property
    def public_url(self) -> str:
        return f"https://{self.site}{self.path}"

    @property
    def workspace(self) -> str:
        """A first name for the shop, until somebody changes it."""
        if self.title:
            return self.title
        host = urlsplit(self.shop_url).hostname or self.host
        word = host.removeprefix("www.").partition(".")[0]
        return word.replace("-", " ").capitalize()


def read_domain(text: str) -> tuple[str, int]:
    """Host and https port of `hub.shop.example` or `hub.shop.example:8443`."""
    host, _, port = text.strip().lower().removeprefix("https://").rstrip("/").partition(":")
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        host = ""
    if not re.fullmatch(rf"({_LABEL}\.)+{_LABEL}", host) or host.replace(".", "").isdigit():
        raise Wrong(f"domain: '{text}' is no domain; write it like hub.shop.example")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise Wrong(f"domain: '{port}' is no port; leave it out for https")
    return host, int(port or HTTPS)


def read_path(text: str) -> str:
    """A path such as `/r`; "" for none."""
    path = "/" + text.strip().strip("/")
    if path == "/":
        return ""
    try:
        check_public_url(f"https://shop.example{path}")
    except ValueError as error:
        raise Wrong(str(error).replace("public_url: ", "path: ", 1)) from None
    return path


def read_name(text: str) -> str:
    """A name for the unit and the data folder."""
    if not _NAME.fullmatch(text):
        raise Wrong(f"name: '{text}' can not name a folder; use letters, digits, dots and dashes")
    return text


def read_shop_url(text: str) -> str:
    """The shop's address; https:// is added when nothing stands before it."""
    url = text.strip().rstrip("/")
    url = url if "://" in url else f"https://{url}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname:
        raise Wrong("shop's address: write it like https://www.shop.example")
    return url


def read_timezone(text: str) -> str:
    """A time zone of the tz database."""
    zones = {zone.casefold(): zone for zone in available_timezones()}
    zone = zones.get(text.strip().replace(" ", "_").casefold())
    if zone is None:
        raise Wrong(f"time zone: '{text}' is not known; write it like Europe/Amsterdam")
    return zone


def read_currency(text: str) -> str:
    """An ISO 4217 code."""
    code = text.strip().upper()
    if code not in list_currencies() or len(code) != 3:
        raise Wrong(f"currency: '{text}' is not known; write three letters, like EUR")
    return code


def read_listening(
    listen: str | None, trust: Sequence[str], earlier: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """The address to listen on, and the proxies to believe; what was there before stays."""
    listen = listen or str(earlier.get("host") or "127.0.0.1")
    try:
        ip_address(listen)
    except ValueError:
        raise Wrong(f"listen: '{listen}' is no address; write it like 10.0.0.5") from None
    trusted = dict.fromkeys((*earlier.get("trusted_proxies", ("127.0.0.1", "::1")), *trust))
    try:
        check_proxies(list(trusted))
    except ValueError as error:
        raise Wrong(str(error).replace("trusted_proxies: ", "trust: ", 1)) from None
    return listen, tuple(trusted)


def read_consent(text: str) -> ConsentMode:
    """Who asks visitors for their consent."""
    for choice in CONSENTS:
        if text.strip().lower() == choice:
            return choice
    raise Wrong(f"consent: one of {', '.join(CONSENTS)}")


def read_smtp(text: str, sender: str) -> Smtp:
    """A mail server: `smtp://user:password@mail.example:587`, `smtps://...`, or its name alone."""
    text = text.strip()
    if not text or text in ("none", "later", "-"):
        return Smtp()
    scheme, _, rest = text.rpartition("://")
    if scheme not in ("", "smtp", "smtps"):
        raise Wrong("mail server: write it like smtp://user:password@mail.shop.example:587")
    # Passwords hold anything; a host never holds an @.
    login, _, place = rest.rpartition("@")
    user, _, password = login.partition(":")
    host, _, port = place.rstrip("/").partition(":")
    default = 465 if scheme == "smtps" else 587
    if not re.fullmatch(r"[A-Za-z0-9.-]+", host) or (port and not port.isdigit()):
        raise Wrong("mail server: write it like smtp://user:password@mail.shop.example:587")
    number = int(port or default)
    if not 0 < number < 65536:
        raise Wrong(f"mail server: {number} is no port")
    security = "tls" if scheme == "smtps" or number == 465 else "starttls"
    user = unquote(user)
    return Smtp(
        host=host, port=number, user=user, password=unquote(password), security=security,
        sender=user if "@" in user else sender,
    )  # fmt: skip
