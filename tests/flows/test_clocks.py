"""Clocks that are wrong, zones, days of 23 and 25 hours: each event is kept at the moment when it
happened by the server's clock, and what a clock said that was far off is kept beside it. One table,
the same on both databases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from hub.clock import from_ms, to_ms
from hub.conditions.window import day_start, local_day
from hub.flows.people import living_person
from hub.flows.timeline import timeline
from tests.shop import Shop

HOUR = 3_600_000
AT = "originalTimestamp"


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


NOW = "2026-11-23T12:00:00Z"  # when all of it is received
# What is sent, the batch's sentAt, and when it happened; "flag": more than 23 hours were mended.
Case = tuple[dict[str, str], str, str] | tuple[dict[str, str], str, str, str]
CASES: dict[str, Case] = {
    "no time at all": ({}, "", NOW),
    "no time, but sentAt": ({}, "2026-11-23T09:00:00Z", NOW),
    "right": ({AT: "2026-11-23T11:59:00Z"}, NOW, "2026-11-23T11:59:00Z"),
    "right, never sent": ({AT: "2026-11-23T11:59:00Z"}, "", "2026-11-23T11:59:00Z"),
    "milliseconds": ({AT: "2026-11-23T11:59:00.123Z"}, "", "2026-11-23T11:59:00.123Z"),
    "microseconds are rounded": ({AT: "2026-11-23T11:59:00.123600Z"}, "",
                                 "2026-11-23T11:59:00.124Z"),
    "no zone is UTC": ({AT: "2026-11-23T11:59:00"}, "", "2026-11-23T11:59:00Z"),
    "a day alone is its start": ({AT: "2026-11-20"}, "", "2026-11-20T00:00:00Z"),
    "basic form": ({AT: "20261120T101500Z"}, "", "2026-11-20T10:15:00Z"),
    # Device clocks.
    "three hours slow": ({AT: "2026-11-23T08:59:00Z"}, "2026-11-23T09:00:00Z",
                         "2026-11-23T11:59:00Z"),
    "three hours fast": ({AT: "2026-11-23T14:59:00Z"}, "2026-11-23T15:00:00Z",
                         "2026-11-23T11:59:00Z"),
    "22 hours slow is no flag": ({AT: "2026-11-22T13:59:00Z"}, "2026-11-22T14:00:00Z",
                                 "2026-11-23T11:59:00Z"),
    "23 hours exactly is no flag": ({AT: "2026-11-22T12:59:00Z"}, "2026-11-22T13:00:00Z",
                                    "2026-11-23T11:59:00Z"),
    "a second more is": ({AT: "2026-11-22T12:58:59Z"}, "2026-11-22T12:59:59Z",
                         "2026-11-23T11:59:00Z", "flag"),
    "two days fast": ({AT: "2026-11-25T11:59:00Z"}, "2026-11-25T12:00:00Z",
                      "2026-11-23T11:59:00Z", "flag"),
    "ten years fast": ({AT: "2036-11-23T11:59:00Z"}, "2036-11-23T12:00:00Z",
                       "2026-11-23T11:59:00Z", "flag"),
    "ten years fast, never sent": ({AT: "2036-11-23T11:59:00Z"}, "", NOW, "flag"),
    "ten years slow": ({AT: "2016-11-23T11:59:00Z"}, "2016-11-23T12:00:00Z",
                       "2026-11-23T11:59:00Z", "flag"),
    "ten years slow, never sent": ({AT: "2016-11-23T11:59:00Z"}, "", "2016-11-23T11:59:00Z"),
    "a battery that was out: 1970": ({AT: "1970-01-01T00:00:10Z"}, "1970-01-01T00:01:10Z",
                                     "2026-11-23T11:59:00Z", "flag"),
    "1970, never sent": ({AT: "1970-01-01T00:00:00Z"}, "", NOW, "flag"),
    "year one, farthest east": ({AT: "0001-01-01T00:00:00+14:00"}, "", NOW, "flag"),
    "the last second, farthest west": ({AT: "9999-12-31T23:59:59-12:00"}, "", NOW, "flag"),
    "set right between both": ({AT: "2036-11-23T11:59:00Z"}, NOW, NOW, "flag"),
    "sent before it happened": ({AT: "2026-11-23T11:59:00Z"}, "2026-11-23T11:00:00Z", NOW),
    "a minute ahead is let be": ({AT: "2026-11-23T12:01:00Z"}, "", "2026-11-23T12:01:00Z"),
    "a millisecond more is now": ({AT: "2026-11-23T12:01:00.001Z"}, "", NOW),
    "kept offline for a week": ({AT: "2026-11-16T12:00:00Z"}, NOW, "2026-11-16T12:00:00Z"),
    "offline for a week, clock a year slow": (
        {AT: "2025-11-16T12:00:00Z"}, "2025-11-23T12:00:00Z", "2026-11-16T12:00:00Z", "flag"),
    # Which of several times counts.
    "timestamp alone": ({"timestamp": "2026-11-23T08:59:00Z"}, "2026-11-23T09:00:00Z",
                        "2026-11-23T11:59:00Z"),
    "original before timestamp": ({AT: "2026-11-23T11:59:00Z", "timestamp": "2020-01-01T00:00:00Z"},
                                  "", "2026-11-23T11:59:00Z"),
    "sentAt of the event": ({AT: "2026-11-23T08:59:00Z", "sentAt": "2026-11-23T09:00:00Z"}, "",
                            "2026-11-23T11:59:00Z"),
    "the batch's sentAt is newer": (
        {AT: "2026-11-23T11:50:00Z", "sentAt": "2026-11-23T11:50:00Z"}, NOW,
        "2026-11-23T11:50:00Z"),
    # Zones.
    "farthest east": ({AT: "2026-11-24T01:59:00+14:00"}, "", "2026-11-23T11:59:00Z"),
    "farthest west": ({AT: "2026-11-22T23:59:00-12:00"}, "", "2026-11-23T11:59:00Z"),
    "a zone of 45 minutes": ({AT: "2026-11-23T17:44:00+05:45"}, "", "2026-11-23T11:59:00Z"),
    "sent from another zone": ({AT: "2026-11-23T12:59:00+01:00"}, NOW, "2026-11-23T11:59:00Z"),
    "local time sold as UTC, +14": ({AT: "2026-11-24T01:59:00Z"}, "2026-11-24T02:00:00Z",
                                    "2026-11-23T11:59:00Z"),
    "local time sold as UTC, -12": ({AT: "2026-11-22T23:59:00Z"}, "2026-11-23T00:00:00Z",
                                    "2026-11-23T11:59:00Z"),
    # Days that are not as long as others.
    "the missing hour, winter's offset": ({AT: "2026-03-29T02:30:00+01:00"}, "",
                                          "2026-03-29T01:30:00Z"),
    "the missing hour, summer's offset": ({AT: "2026-03-29T02:30:00+02:00"}, "",
                                          "2026-03-29T00:30:00Z"),
    "the double hour, first": ({AT: "2026-10-25T02:30:00+02:00"}, "", "2026-10-25T00:30:00Z"),
    "the double hour, second": ({AT: "2026-10-25T02:30:00+01:00"}, "", "2026-10-25T01:30:00Z"),
    "sent across the change": ({AT: "2026-10-25T02:59:00+02:00"}, "2026-10-25T02:01:00+01:00",
                               "2026-11-23T11:58:00Z", "flag"),
    "leap day": ({AT: "2024-02-29T23:59:59Z"}, "", "2024-02-29T23:59:59Z"),
    "leap day, farthest east": ({AT: "2024-03-01T13:59:59+14:00"}, "", "2024-02-29T23:59:59Z"),
    "the last second of a year": ({AT: "2025-12-31T23:59:59.999Z"}, "",
                                  "2025-12-31T23:59:59.999Z"),
}  # fmt: skip
# What can not be read is refused with the field's name: no 29 February in other years, no leap
# second, no offset of a day.
REFUSED = {
    "2026-02-29T10:00:00Z": AT, "2026-06-30T23:59:60Z": AT, "2026-11-23T24:30:00Z": AT,
    "2026-11-23T10:00:00+24:00": AT, "2026-13-01T10:00:00Z": AT, "yesterday": AT,
}  # fmt: skip


async def test_every_clock_is_put_right(shop: Shop) -> None:
    shop.later(milliseconds=ms(NOW) - shop.now)
    for name, (event, sent, *_) in CASES.items():
        body = {"type": "track", "event": "Clock", "anonymousId": name, **event}
        answer = await shop.send(body, **({"sentAt": sent} if sent else {}))
        assert (answer.accepted, answer.rejected) == (1, []), name
    rows = await shop.hub.database.fetch(
        "SELECT n.value, l.at, l.received_at, l.body FROM log l JOIN node n ON n.id = l.node_id "
        "WHERE l.name = 'Clock'"
    )
    kept = {
        name: (from_ms(at).isoformat(), orjson.loads(body).get("said"))
        for name, at, received, body in rows
        if received == ms(NOW)
    }
    assert kept == {
        name: (from_ms(ms(at)).isoformat(), (event.get(AT) or "") if flag else None)
        for name, (event, _, at, *flag) in CASES.items()
    }


async def test_what_is_no_time_is_refused_by_name(shop: Shop) -> None:
    for text, field in REFUSED.items():
        event = {"type": "track", "event": "Clock", "anonymousId": "a", AT: text}
        answer = await shop.send(event)
        assert [line["reason"].split(":")[0] for line in answer.rejected] == [field], text


async def test_a_server_tells_the_time_itself_and_only_the_impossible_is_mended(
    shop: Shop,
) -> None:
    shop.later(milliseconds=ms(NOW) - shop.now)
    times = {
        "2026-11-20T08:00:00Z": ("2026-11-20T08:00:00Z", None),
        "2027-11-20T08:00:00Z": (NOW, "2027-11-20T08:00:00Z"),
        "1999-12-31T23:59:59Z": (NOW, "1999-12-31T23:59:59Z"),
    }
    for text in times:
        event = {"type": "track", "event": "Clock", "userId": text, "timestamp": text}
        await shop.send(event, source="server", sentAt="2026-11-21T00:00:00Z")
    rows = await shop.hub.database.fetch(
        "SELECT n.value, l.at, l.body FROM log l JOIN node n ON n.id = l.node_id"
    )
    assert {who: (at, orjson.loads(body).get("said")) for who, at, body in rows} == {
        text: (ms(at), said) for text, (at, said) in times.items()
    }


async def test_a_retry_of_a_mended_event_is_the_same_event(shop: Shop) -> None:
    event = {
        "type": "track", "event": "Clock", "anonymousId": "a", "messageId": "m",
        AT: "2036-11-23T11:59:00Z",
    }  # fmt: skip
    first = await shop.send(event, sentAt="2036-11-23T12:00:00Z")
    again = await shop.send(event, sentAt="2036-11-23T12:00:09Z")
    assert (first.accepted, again.duplicate) == (1, 1)
    conflicts = "SELECT n FROM intake_count WHERE reason = 'conflict'"
    assert await shop.hub.database.fetch(conflicts) == []


async def test_the_timeline_says_what_the_clock_said(shop: Shop) -> None:
    token = await shop.device()
    event = {"type": "track", "event": "Clock", AT: "2036-11-23T11:59:00Z"}
    await shop.send(event, token=token)
    person_id = await living_person(shop.hub, await shop.node(token))
    assert person_id is not None
    page = await timeline(shop.hub, person_id)
    assert [m.said for m in page.moments if m.name == "Clock"] == ["2036-11-23T11:59:00Z"]


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-03-29T00:59:59.999Z", "Europe/Brussels", "2026-03-29"),  # 23 hours
        ("2026-03-28T22:59:59.999Z", "Europe/Brussels", "2026-03-28"),
        ("2026-03-28T23:00:00Z", "Europe/Brussels", "2026-03-29"),
        ("2026-03-29T21:59:59.999Z", "Europe/Brussels", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "Europe/Brussels", "2026-03-30"),
        ("2026-10-24T22:00:00Z", "Europe/Brussels", "2026-10-25"),  # 25 hours
        ("2026-10-25T22:59:59.999Z", "Europe/Brussels", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "Europe/Brussels", "2026-10-26"),
        ("2026-11-23T10:00:00Z", "Pacific/Kiritimati", "2026-11-24"),  # +14
        ("2026-11-23T11:59:00Z", "Etc/GMT+12", "2026-11-22"),
        ("2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"),  # 30 December never came there
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"),
        ("2024-02-29T23:30:00Z", "Europe/Brussels", "2024-03-01"),
    ],
)
def test_a_moment_falls_on_the_shops_own_day(moment: str, zone: str, day: str) -> None:
    here = ZoneInfo(zone)
    found = local_day(ms(moment), here)
    assert found == date.fromisoformat(day)
    assert day_start(found, here) <= ms(moment)


def test_the_table_is_as_long_as_it_says() -> None:
    cases: dict[str, Any] = CASES
    assert len(cases) >= 40
