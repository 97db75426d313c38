"""Settings of one hub: `hub.toml` in the data folder, then `HUB_*` environment variables."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

# First steps of the hub's own addresses: below a path of such a name both would be the same.
OWN_PATHS = frozenset(
    "admin api v1 hooks confirm confirm-static unsubscribe static health ready metrics version "
    "pixel beacon projects sourceConfig rsaMetrics rsaRequest analytics.js s.js consent.js "
    "sqzl.js".split()
)


class SettingsError(Exception):
    """A setting can not be used; the message names it."""


# own: the hub's banner. off: the shop's page tells. The rest: the shop's own consent tool.
ConsentMode = Literal["own", "gcm", "off", "shopify", "wp", "tcf", "auto"]


class Smtp(msgspec.Struct, forbid_unknown_fields=True):
    host: str = ""
    port: int = 587
    user: str = ""
    password: str = ""
    security: str = "starttls"  # starttls | tls | none
    sender: str = ""


class PluginLimits(msgspec.Struct, forbid_unknown_fields=True):
    """What one run of a connector may cost; a plugin over its limits is stopped and named."""

    memory_mb: int = 512
    run_minutes: int = 360  # a whole reading of a shop
    silence_seconds: int = 300  # between two pages
    faults: int = 5  # in a row, until a plugin is switched off


class Retention(msgspec.Struct, forbid_unknown_fields=True):
    """Days that each class of data is kept; 0: for good."""

    behaviour_days: int = 0
    decision_days: int = 90
    message_days: int = 365
    technical_days: int = 30


Count = Annotated[int, msgspec.Meta(ge=0)]


class Merging(msgspec.Struct, forbid_unknown_fields=True):
    """Who may become one person; `accounts` are those of one shop. 0: no limit of its own,
    and 300 identifiers."""

    junk: list[str] = []  # values that stand for nobody; * stands for any characters
    identifiers: Count = 300
    accounts: Count = 5  # of one person, and as many may share an address
    emails: Count = 10
    phones: Count = 10
    browsers: Count = 200
    accounts_per_browser: Count = 2  # when more sign in, the browser belongs to nobody


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Every setting, with its default. `config/hub.toml` explains each one."""

    data_dir: Path = Path("data")
    database_url: str = ""  # "" = SQLite in the data folder; postgresql://... for PostgreSQL
    host: str = "127.0.0.1"
    port: int = 8700
    public_url: str = ""  # how browsers reach the hub; "" = http://host:port
    workspace: str = "My shop"
    timezone: str = "Europe/Amsterdam"
    currency: str = "EUR"
    locale: str = "en"
    consent: ConsentMode = "own"  # who asks visitors for their consent
    plugins: list[str] | None = None  # None = all that are installed
    plugins_path: list[Path] = []
    private_hosts: list[str] = []  # private addresses that connectors may call all the same
    trusted_proxies: list[str] = []  # addresses or networks whose X-Forwarded-* is believed
    log: Literal["text", "json"] = "text"
    metrics_token: str = ""  # /metrics asks for it; "" = only this machine may read it
    ballast_mb: int = 64  # room kept free in the data folder for a full disk; 0 = none
    subscribe_per_hour: int = 60  # sign-ups from one network; 0 = any number
    backup_dir: Path | None = None  # None = the folder "backups" in the data folder
    smtp: Smtp = msgspec.field(default_factory=Smtp)
    channels: dict[str, dict[str, Any]] = {}  # the settings of other channels, by their name
    plugin_limits: PluginLimits = msgspec.field(default_factory=PluginLimits)
    retention: Retention = msgspec.field(default_factory=Retention)
    merging: Merging = msgspec.field(default_factory=Merging)

    @property
    def origin(self) -> str:
        """The hub's address as browsers see it, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def root(self) -> str:
        """The path of public_url below which everything lives: "" or such as "/r"."""
        return urlsplit(self.origin).path

    @property
    def url(self) -> str:
        """The database, as a URL."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'hub.db').absolute()}"


def load_settings(data_dir: Path | None = None, **overrides: Any) -> Settings:
    """Read `hub.toml` and the environment. Raises SettingsError naming the setting at fault."""
    folder = data_dir or Path(os.environ.get("HUB_DATA_DIR", "data"))
    values: dict[str, Any] = {}
    file = folder / "hub.toml"
    if file.exists():
        try:
            values = tomllib.loads(file.read_text())
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{file}: {error}") from error
    values.update(_from_environment())
    values.update({key: value for key, value in overrides.items() if value is not None})
    values["data_dir"] = str(folder)
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_path)
        check_database(settings.database_url)
        check_public_url(settings.public_url)
        check_proxies(settings.trusted_proxies)
    except (msgspec.ValidationError, ValueError) as error:
        raise SettingsError(f"{file}: {error}") from error
    return settings


def check_database(url: str) -> None:
    """Raises ValueError for a kind of database that the hub does not know."""
    if url and not url.startswith(("postgresql://", "postgres://", "sqlite:")):
        raise ValueError(
            "database_url: leave it empty for SQLite, or write it like "
            "postgresql://user:password@127.0.0.1:5432/regulars"
        )


def check_public_url(url: str) -> None:
    """Raises ValueError when browsers could not reach the hub by this address."""
    parts = urlsplit(url)
    if not url:
        return
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError("public_url: write it like https://hub.shop.example")
    if parts.query or parts.fragment:
        raise ValueError("public_url: leave out what stands after ? or #")
    path = parts.path.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+", path):
        raise ValueError("public_url: a path is made of letters, digits and -._~, like /regulars")
    if path.split("/")[1:2] and path.split("/")[1] in OWN_PATHS:
        raise ValueError(f"public_url: {path} is an address of the hub itself; take another path")


def check_proxies(names: list[str]) -> None:
    """Raises ValueError for what is no address, no network and not "unix"."""
    for name in names:
        try:
            if name != "unix":
                ipaddress.ip_network(name, strict=False)
        except ValueError:
            raise ValueError(
                f"trusted_proxies: '{name}' is no address; write 127.0.0.1 or 10.0.0.0/8"
            ) from None


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise msgspec.ValidationError(f"expected a {kind.__name__.lower()}")


def _from_environment() -> dict[str, Any]:
    names = {f"HUB_{field.name.upper()}": field.name for field in msgspec.structs.fields(Settings)}
    tables = ("SMTP", "CHANNELS", "PLUGIN_LIMITS", "RETENTION", "MERGING", "DATA_DIR")
    for table in tables:
        names.pop(f"HUB_{table}")
    given = {field: os.environ[name] for name, field in names.items() if name in os.environ}
    lists = {"plugins", "plugins_path", "private_hosts", "trusted_proxies"}
    return {
        field: [part.strip() for part in value.split(",") if part.strip()]
        if field in lists
        else value
        for field, value in given.items()
    }


def load_secret(data_dir: Path) -> bytes:
    """The hub's own key: made once, readable by its owner only, never in the database."""
    file = data_dir / "secret.key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_hex(32))
    key = bytes.fromhex(file.read_text().strip())
    if len(key) < 32:
        raise SettingsError(f"{file} is damaged: it must hold 64 hexadecimal digits")
    return key
