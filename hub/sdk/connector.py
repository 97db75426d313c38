"""What a connector is: the form it needs, the streams it reads, the webhooks it understands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import msgspec

from hub.sdk.client import HttpClient
from hub.sdk.clock import Clock
from hub.sdk.records import Sighting
from hub.sdk.secret import SecretText
from hub.sdk.state import State

FieldKind = Literal["text", "url", "secret", "choice", "bool"]
Cursor = dict[str, Any]


class Field(msgspec.Struct, frozen=True):
    """One line of the set-up form. Fields of kind `secret` are stored apart and never shown."""

    key: str
    label: str
    kind: FieldKind = "text"
    help: str = ""
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    default: str = ""


class Stream(msgspec.Struct, frozen=True):
    """One kind of thing that can be read; each has its own cursor."""

    name: str
    title: str


class CheckResult(msgspec.Struct, frozen=True):
    """What a test of the connection found. `learned` is to be stored into the connection's
    config: facts (such as the shop's currency) that webhooks need and cannot ask for."""

    ok: bool
    message: str
    details: dict[str, str] = {}  # shop name, currency, versions: shown to people
    learned: dict[str, str] = {}


class Invalid(msgspec.Struct, frozen=True):
    """One thing that could not be read, to be put aside with its reason."""

    id: str
    reason: str
    raw: Any = None


class Page(msgspec.Struct, frozen=True):
    """One step of a pull. Store the cursor together with the sightings: a later pull that is
    given it continues after them. `done` counts this run, `total` is the vendor's guess."""

    sightings: tuple[Sighting, ...]
    cursor: Cursor
    invalid: tuple[Invalid, ...] = ()
    done: int = 0
    total: int | None = None


class WebhookResult(msgspec.Struct, frozen=True):
    """What a delivery says. All kinds are answered 200; a delivery whose `dedupe_key` was
    seen before has no effect. `wants` names streams to pull soon: it told only half."""

    kind: Literal["records", "ping", "ignored"]
    sightings: tuple[Sighting, ...] = ()
    dedupe_key: str = ""
    note: str = ""
    invalid: tuple[Invalid, ...] = ()
    wants: tuple[str, ...] = ()


class HookReport(msgspec.Struct, frozen=True):
    """State of the vendor's webhooks after `after_connect`. `note` is for the admin page."""

    active: int
    renewed: tuple[str, ...] = ()  # topics created, re-enabled or given a new secret
    note: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """All that a connector is given: its own settings and secret, and the outside world."""

    config: Mapping[str, str]
    secret: Mapping[str, SecretText]
    client: HttpClient
    state: State
    clock: Clock
    shop: str  # the namespace of all ids it reports


class Connector(Protocol):
    """One vendor. Errors say what the hub must do next: see hub.sdk.errors.

    Its methods run in a process of their own. It may also name `hosts`, the only ones that
    ctx.client then calls: `api.vendor.example`, `*.vendor.example`, or `{url}` for the host of
    the address in its field `url`. Without it these are the hosts of its fields of kind `url`.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    streams: tuple[Stream, ...]
    webhook_topics: tuple[str, ...]

    async def check(self, ctx: Context) -> CheckResult:
        """Try the settings before they are saved; a refusal is a result, not an error."""
        ...

    def pull(self, ctx: Context, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Read what is new since the cursor (None: everything). The last page's cursor is the
        start of the next run; reading again what was read before is always allowed."""
        ...

    def webhook(
        self,
        config: Mapping[str, str],
        secret: Sequence[str],
        headers: Mapping[str, str],
        body: bytes,
        *,
        shop: str,
        url: str,
        received_at: datetime,
    ) -> WebhookResult:
        """Verify one delivery (raises Forged) and read it. `secret`: the live webhook secrets,
        newest first: the hub's own, or what was filled in at a field `webhook_secret` of kind
        `secret`, for a vendor that makes its own. `url`: the address that `after_connect` was
        given; the method is always POST. No network, no state."""
        ...

    async def after_connect(self, ctx: Context, webhook_url: str) -> HookReport:
        """Register missing webhooks and re-enable disabled ones; called at each sync. Uses
        ctx.secret["webhook_secret"], which the hub makes and keeps unless the form filled it.
        A vendor that lets nobody register them: HookReport(0), with a note of what to do."""
        ...


def form_errors(fields: Sequence[Field], values: Mapping[str, str]) -> dict[str, str]:
    """The faults of a filled-in form by field key; empty when it may be tested."""
    errors: dict[str, str] = {}
    for field in fields:
        value = values.get(field.key, field.default).strip()
        if not value:
            if field.required and field.kind != "bool":
                errors[field.key] = f"{field.label} is needed."
        elif field.kind == "url" and not value.startswith(("https://", "http://")):
            errors[field.key] = f"{field.label} must begin with https://"
        elif field.kind == "choice" and value not in {choice for choice, _ in field.choices}:
            errors[field.key] = f"{field.label} must be one of the choices."
    return errors


def declared_hosts(connector: Connector, config: Mapping[str, str]) -> frozenset[str]:
    """The hosts that the connector may call under these settings."""
    own = tuple(f"{{{field.key}}}" for field in connector.fields if field.kind == "url")
    hosts: set[str] = set()
    for pattern in getattr(connector, "hosts", own):
        if pattern.startswith("{") and pattern.endswith("}"):
            pattern = _host_of(config.get(pattern[1:-1], ""))
        hosts.add(pattern.lower().rstrip("."))
    return frozenset(hosts - {""})


def _host_of(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""  # calling it will say that it is no address


def is_on(config: Mapping[str, str], key: str) -> bool:
    """Whether a `bool` field is ticked, however the form or a file wrote it."""
    return config.get(key, "").strip().lower() in {"true", "on", "yes", "1"}


def split_form(
    fields: Sequence[Field], values: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, SecretText]]:
    """A filled-in form as (config, secret); keys that are not fields are dropped."""
    config: dict[str, str] = {}
    secret: dict[str, SecretText] = {}
    for field in fields:
        value = values.get(field.key, field.default).strip()
        if field.kind == "secret":
            secret[field.key] = SecretText(value)
        else:
            config[field.key] = value
    return config, secret
