"""The figures of the hub under the names by which a watcher knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric

from hub import __version__
from hub.core import Hub
from hub.flows.measures import Measures
from hub.meters import Timing
from hub.store.sqlite import SqliteDatabase


def families(hub: Hub, measures: Measures) -> Iterator[Metric]:
    """Every family. Labels come from short fixed lists and from what the operator set up."""
    yield from _intake(hub)
    yield from _answers(hub)
    yield from _decisions(hub)
    yield from _storing(hub, measures)
    yield from _projecting(hub, measures)
    yield from _output(hub, measures)
    yield from _plugins(hub, measures)
    info = GaugeMetricFamily("hub_info", "The version that runs.", labels=["version"])
    info.add_metric([__version__], 1)
    yield info


def _intake(hub: Hub) -> Iterator[Metric]:
    rejected = hub.meters.rejected
    received = hub.writer.stored + hub.writer.duplicates + sum(rejected.values())
    yield _counter("hub_received", "Events and records: stored, duplicate and rejected ones.",
                   received)  # fmt: skip
    yield _counter("hub_stored", "Events and records stored in the log.", hub.writer.stored)
    yield _counter("hub_duplicate", "Events and records that were there before.",
                   hub.writer.duplicates)  # fmt: skip
    yield _counters(
        "hub_rejected", "Events and records refused, by the field at fault.", "field", rejected
    )
    yield _counter("hub_unknown_keys", "Requests with a write key of no source.", hub.unknown_keys)


def _answers(hub: Hub) -> Iterator[Metric]:
    answers = CounterMetricFamily(
        "hub_answers", "Answers of the public routes.", labels=["route", "status"]
    )
    times = HistogramMetricFamily(
        "hub_answer_seconds", "From the whole request to its answer.", labels=["route"]
    )
    for name, meter in hub.meters.routes.items():
        for status, n in meter.statuses.items():
            answers.add_metric([name, str(status)], n)
        times.add_metric([name], meter.timing.buckets(), meter.timing.total)
    yield answers
    yield times


def _decisions(hub: Hub) -> Iterator[Metric]:
    meters = hub.meters
    yield _counters(
        "hub_decisions", "Decisions, by what was used: the known visitor, the page alone, paused.",
        "basis", meters.decisions,
    )  # fmt: skip
    yield _counter("hub_decisions_empty", "Decisions that show nothing.", meters.decisions_empty)
    yield _counter("hub_widgets_shown", "Widgets that decisions chose.", meters.widgets_shown)
    yield _counter("hub_decision_records_dropped", "Decisions shown but not recorded.",
                   hub.decisions.dropped)  # fmt: skip


def _storing(hub: Hub, measures: Measures) -> Iterator[Metric]:
    yield _gauge("hub_queue_entries", "Entries that wait to be stored.", hub.writer.waiting)
    yield _times("hub_commit_seconds", "Storing one batch, waiting for the lock included.",
                 hub.writer.commits)  # fmt: skip
    if isinstance(hub.database, SqliteDatabase):
        yield _times("hub_sync_to_disk_seconds", "The commit itself: what the disk takes.",
                     hub.database.syncs)  # fmt: skip
    yield _gauge("hub_database_readable", "1 while the database answers.", measures.readable)
    yield from _known("hub_log_entries", "The highest number in the log.", measures.log_entries)
    yield from _known("hub_database_bytes", "Size of the database.", measures.database_bytes)
    yield from _known("hub_wal_bytes", "Size of SQLite's write-ahead log.", measures.wal_bytes)


def _projecting(hub: Hub, measures: Measures) -> Iterator[Metric]:
    yield _gauge("hub_projector_running", "1 while the projector lives.", hub.views.running)
    yield _gauge("hub_projector_stuck", "1 while it can not go on.", bool(hub.views.stuck))
    yield _gauge("hub_entries_aside", "Entries that could not be projected.", len(hub.views.aside))
    yield from _known("hub_projector_lag_entries", "Entries not in the tables yet.",
                      measures.lag_entries)  # fmt: skip
    yield from _known("hub_projector_lag_seconds", "Age of the oldest of them.",
                      measures.lag_seconds)  # fmt: skip


def _output(hub: Hub, measures: Measures) -> Iterator[Metric]:
    outbox = GaugeMetricFamily("hub_outbox_rows", "Messages, by state.", labels=["state"])
    for state, n in measures.outbox.items():
        outbox.add_metric([state], n)
    yield outbox
    refused = GaugeMetricFamily(
        "hub_refusals_on_record", "Messages the gate held back, by reason.", labels=["reason"]
    )
    for reason, n in measures.refusals.items():
        refused.add_metric([reason], n)
    yield refused
    yield _gauge("hub_output_paused", "1 while all output is paused.", hub.workspace.pause_output)


def _plugins(hub: Hub, measures: Measures) -> Iterator[Metric]:
    connections = GaugeMetricFamily(
        "hub_connections", "Connections, by state.", labels=["connector", "status"]
    )
    for (connector, status), n in measures.connections.items():
        connections.add_metric([connector, status], n)
    yield connections
    last = GaugeMetricFamily(
        "hub_connection_last_sync_timestamp_seconds",
        "When a connector's oldest connection was read last; 0: never.", labels=["connector"],
    )  # fmt: skip
    for connector, at in measures.last_sync.items():
        last.add_metric([connector], at / 1000)
    yield last
    runs = CounterMetricFamily(
        "hub_sync_runs", "Runs of connectors, by how they ended.", labels=["connector", "outcome"]
    )
    for (connector, outcome), n in hub.meters.syncs.items():
        runs.add_metric([connector, outcome], n)
    yield runs
    broken = GaugeMetricFamily("hub_plugin_ok", "0: the plugin is off.", labels=["plugin"])
    for line in hub.plugins.report:
        broken.add_metric([line.name], line.ok and line.name not in hub.watch.off)
    yield broken
    yield _counters("hub_plugin_faults", "Faults of plugins.", "plugin", hub.watch.total)
    yield _gauge("hub_attention", "Parts that a person must mend.", len(hub.attention))


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _counters(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for key, n in sorted(values.items()):
        family.add_metric([key], n)
    return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=float(value))


def _known(name: str, text: str, value: float | None) -> Iterator[Metric]:
    if value is not None:
        yield _gauge(name, text, value)


def _times(name: str, text: str, timing: Timing) -> Metric:
    return HistogramMetricFamily(name, text, buckets=timing.buckets(), sum_value=timing.total)
