"""The hub's parts, wired together. It knows the engines and the store, never the flows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from hub.catalogue.products import Catalogue
from hub.conditions.parse import ConditionLanguage
from hub.decisions.answers import Answers
from hub.decisions.published import Published
from hub.ingest.field_rules import FieldRules
from hub.ingest.letter import Letter
from hub.ingest.plan import Fault, Plan
from hub.ingest.rejects import Rejects
from hub.ingest.tokens import Signer
from hub.meters import Meters
from hub.plugins import Plugins
from hub.privacy.anonymous import Scrubber
from hub.privacy.keys import PrivacyKeys
from hub.privacy.suppressed import Suppressed
from hub.profiles.state import NodeState
from hub.recommend.coviews import CoViews
from hub.runner.start import Zygote
from hub.runner.workers import Workers
from hub.sdk.clock import Clock
from hub.settings import Settings, load_secret
from hub.store.database import Database, Row
from hub.store.vault import Vault
from hub.store.writer import Writer
from hub.watch import Watch


class SourceRow(msgspec.Struct, frozen=True):
    """A source of events: one write key. `kind`: browser, server, connector or import."""

    id: int
    name: str
    kind: str
    shop: str
    shop_url: str
    write_key: str
    browser_identify: str
    enabled: bool
    token_keys: tuple[int, int] = (0, 0)  # oldest and newest number of a live secret; 0: none
    fields: FieldRules | None = None  # what becomes of single fields; None: nothing
    plan: Plan | None = None  # what events should hold; None: anything


class WorkspaceRow(msgspec.Struct, frozen=True):
    name: str
    timezone: str
    currency: str
    locale: str
    pause_output: bool
    consent: dict[str, object]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class DecisionSink(Protocol):
    """Where decision records go."""

    def add(self, row: Row) -> None: ...
    async def flush(self) -> None: ...
    @property
    def dropped(self) -> int:
        """Records lost since the start, for want of room."""
        ...


class Runs(Protocol):
    """The syncs under way."""

    def start(self, connection_id: int) -> bool: ...


class Views(Protocol):
    """What the projector offers to the other flows."""

    @property
    def lock(self) -> asyncio.Lock:
        """Held while a batch is projected; whoever holds it may change states."""
        ...

    @property
    def seq(self) -> int: ...
    @property
    def known(self) -> int:
        """The entry up to which views are answered; `seq`, the one up to which they are stored."""
        ...

    @property
    def stuck(self) -> str: ...
    @property
    def running(self) -> bool:
        """Whether the projector is alive; it may be stuck all the same."""
        ...

    @property
    def aside(self) -> Collection[tuple[int, str]]:
        """Entries since the start that could not be projected: their seq, and why."""
        ...

    async def reached(self, seq: int, timeout: float = 10.0) -> None: ...
    async def device_view(self, node_id: int) -> tuple[NodeState, tuple[int, ...]]:
        """What a browser may see of this device, and the nodes it is the sum of."""
        ...

    async def own_state(self, node_id: int) -> NodeState:
        """What is known of this node alone, to be read only."""
        ...

    def answers(self, node_id: int) -> Answers:
        """What rules answered to this device since its view changed last."""
        ...

    async def person_view(self, node_id: int) -> tuple[NodeState, tuple[int, ...]]:
        """Everything known of the person of this node, claims included, and their nodes."""
        ...

    def restart(self, seq: int) -> None:
        """The projections were made anew up to `seq`: forget what is in memory, go on there.
        The caller holds the lock."""
        ...

    async def replace_counters(self, counters: Mapping[int, Mapping[str, list[int]]]) -> None:
        """Set counters of nodes, backfilled from the log. The caller holds the lock."""
        ...


class LetterSink(Protocol):
    """Where refused events go."""

    @property
    def lock(self) -> asyncio.Lock:
        """Held while its table changes."""
        ...

    def add(self, letter: Letter) -> None: ...
    def forget(self, scrubber: Scrubber) -> None: ...
    async def flush(self) -> None: ...


class FaultSink(Protocol):
    """Where differences from tracking plans are counted."""

    def add(self, source_id: int, faults: list[Fault], at: int) -> None: ...
    def forget(self, source_id: int) -> None: ...
    async def flush(self) -> None: ...


class Words(Protocol):
    """The dictionary of what arrives."""

    @property
    def lock(self) -> asyncio.Lock:
        """Held while its table changes."""
        ...

    def forget(self) -> None:
        """Its table was changed by the caller, who holds the lock."""
        ...

    async def caught_up(self) -> None: ...
    async def again(self) -> None:
        """Read the whole log anew."""
        ...


class Hub:
    """One workspace, open. Made by `flows.run.open_hub`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        database: Database,
        zygote: Zygote | None = None,
        plugins_off: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.meters = Meters()
        self.database = database
        secret = load_secret(settings.data_dir)
        self.signer = Signer(secret)
        self.vault = Vault(secret)
        self.privacy = PrivacyKeys(secret)
        self.suppressed = Suppressed(self.privacy)  # who was erased
        self.watch = Watch(settings.plugin_limits.faults, plugins_off or {})
        self.zygote = zygote or Zygote()  # connectors run in processes that it forks
        self.workers = Workers()
        self.plugins = Plugins(settings.plugins, settings.plugins_path, self.watch)
        self.language = ConditionLanguage(self.plugins.conditions)
        self.writer = Writer(database, self._stored)
        self.catalogue = Catalogue()
        self.recommender = CoViews()
        self.published = Published()
        self.sources: Mapping[int, SourceRow] = {}
        self.keys: Mapping[str, SourceRow] = {}
        self.workspace = WorkspaceRow(
            settings.workspace, settings.timezone, settings.currency, settings.locale, False, {}
        )
        self.rejects = Rejects()
        self.seen: dict[int, int] = {}  # source -> when it last called, ms
        self.pages: dict[int, tuple[int, str]] = {}  # source -> its last page view: ms, host
        self.unknown_keys = 0
        self.counted_days: dict[tuple[int, int], tuple[int, int, int]] = {}  # see flows.activity
        self.closed_for: dict[str, str] = {}  # why no traffic may come yet or any more, by part
        self.attention: dict[str, str] = {}  # what a person must mend, by part, for the health page
        self.forged: dict[int, int] = {}  # connection -> refused deliveries since the start
        self.wanted: set[int] = set()  # connections whose webhook told only half: sync them soon
        self.lost = asyncio.Event()  # another process has taken over our database
        self.views: Views  # set when the projector starts
        self.decisions: DecisionSink
        self.dictionary: Words
        self.letters: LetterSink
        self.plan_faults: FaultSink
        self.runs: Runs
        self.on_stored: list[Callable[[], None]] = []

    def _stored(self) -> None:
        for wake in self.on_stored:
            wake()

    def set_sources(self, rows: list[SourceRow]) -> None:
        """Replace what is known of the sources."""
        self.sources = {row.id: row for row in rows}
        self.keys = {row.write_key: row for row in rows}
