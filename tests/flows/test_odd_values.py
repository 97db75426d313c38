"""Values that JSON allows and a database may not, and those that JSON does not allow at all: both
databases take the same ones, keep the same bytes, and give the same reason for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from hub.flows.accept import accept_batch, accept_one
from hub.ingest.limits import BadInput
from tests.conftest import empty
from tests.shop import Shop, open_shop

# Each as it stands in the text of the request.
VALUES = [
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e308", b"5e-324", b"-0.0", b"0.1",
    b"123456789012345678901234567890", b"18446744073709551615", b"18446744073709551616",
    b"-9223372036854775808", b"-9223372036854775809", b"9007199254740993", b"1.0", b"1e2",
    b"1e15", b"1e16", b"1e17", b"1e18", b"12e18", b"1e19", b"1e21", b"1.5e17",
    b"0.1e-7", b"-0", b"[-0.0,{\"z\":-0e5}]",
    b"01", b"+1", b".5", b"1.", b"0x10", b"true", b"null", b"nul", b"''", b"",
    b'""', b'" "', b'"\\u0000"', b'"a\\u0000b"', b'"\x00"', b'"\x01"', b'"\\u0001"', b'"\x7f"',
    b'"\\ud800"', b'"\\udfff"', b'"\\ud83d\\ude00"', b'"\\ude00\\ud83d"', b'"\\\\ud800"',
    b'"\xed\xa0\x80"', b'"\xff"', b'"\xc3"', b'"\xc0\x80"', b'"\xf4\x90\x80\x80"',
    b'"\\ufffe\\uffff"', b'"\xef\xbb\xbf"', b'"\xe2\x80\xae txt"', b'"\xe2\x80\xa8"',
    b'"e\xcc\x81"', b'"\xc3\xa9"', b'"\xc4\xb0"', b'"\xf0\x9f\x98\x80"', b'"\\q"', b'"\n"',
    b'"\'; DROP TABLE log; --"', b'"%s %d {0} $1 ?"', b'"\\\\"', b'"<script>"',
    b'"' + b"a" * 600 + b'"',
    b"[]", b"{}", b"[" * 40 + b"]" * 40, b'{"a":1,"a":2}', b'{"":1}',
    b'{"a.b":{"$c":[1,{"d":null}]}}',
    b'{"__proto__":{"x":1},"constructor":2}',
]  # fmt: skip
WHO = b'"anonymousId":"%d","messageId":"%d"'
PLACES = {
    "property": b'{"type":"track","event":"Odd",' + WHO + b',"properties":{"v":%s}}',
    "trait": b'{"type":"identify",' + WHO + b',"traits":{"v":%s}}',
    "name": b'{"type":"track",' + WHO + b',"event":%s}',
    "user": b'{"type":"track","event":"Odd",' + WHO + b',"userId":%s}',
    "time": b'{"type":"track","event":"Odd",' + WHO + b',"originalTimestamp":%s}',
    "context": b'{"type":"track","event":"Odd",' + WHO + b',"context":{"page":%s}}',
    "e-mail": b'{"type":"identify",' + WHO + b',"traits":{"email":%s}}',
    "key": b'{"type":"track","event":"Odd",' + WHO + b',"properties":{%s:1}}',
}  # fmt: skip
COLUMNS = "l.seq, l.kind, l.name, n.namespace, n.type, n.value, l.links, l.at, l.body"


def odd_events() -> list[bytes]:
    """Every value in every place."""
    events = []
    for text in PLACES.values():
        for value in VALUES:
            number = len(events)
            events.append(text % (number, number, value))
    return events


async def _taken(shop: Shop, events: list[bytes]) -> list[Any]:
    """What the hub said of each, and all it kept."""
    said: list[Any] = []
    source = shop.sources["server"]
    for event in events:
        try:
            answer = await accept_one(shop.hub, source, event, kind="")
        except BadInput as error:
            said.append(str(error))
        else:
            said.append((answer.accepted, answer.duplicate, answer.minted))
    again = await accept_batch(shop.hub, source, b'{"batch":[%s]}' % b",".join(_readable(events)))
    said.append((again.accepted, again.duplicate, again.rejected))
    await shop.settle()
    assert not shop.hub.views.aside
    rows = await shop.hub.database.fetch(
        f"SELECT {COLUMNS} FROM log l LEFT JOIN node n ON n.id = l.node_id ORDER BY l.seq"
    )
    said += [(*row[:-1], _exactly(orjson.loads(row[-1]))) for row in rows]
    said += await shop.hub.database.fetch("SELECT seq, body_hash FROM dedupe ORDER BY seq")
    return said


def _exactly(value: Any) -> Any:
    """The value with the kind of each number: 1 is not 1.0 here, and not True."""
    if isinstance(value, dict):
        return {key: _exactly(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_exactly(item) for item in value]
    return value if isinstance(value, str) else repr(value)


def _readable(events: list[bytes]) -> list[bytes]:
    """Those that can stand in a batch without making the whole of it unreadable."""
    found = []
    for event in events:
        try:
            orjson.loads(event)
        except orjson.JSONDecodeError:
            continue
        found.append(event)
    return found


async def test_both_databases_take_the_same_and_keep_the_same(
    tmp_path: Path, postgres_database: str
) -> None:
    events = odd_events()
    results = []
    await empty(postgres_database)
    for name, url in (("lite", ""), ("postgres", postgres_database)):
        async with open_shop(tmp_path / name, url) as shop:
            results.append(await _taken(shop, events))
    ours, theirs = results
    assert ours == theirs
    said = ours[: len(events)]
    assert sum(isinstance(line, tuple) for line in said) > 200
    refused = [line for line in said if isinstance(line, str)]
    assert len(refused) > 100
    # Every reason names a field; none is a fault of the database.
    assert all(":" in reason and "Error" not in reason for reason in refused)
    assert not any("\x00" in str(line) for line in ours[len(events) :])
