"""What a request may be at most, and texts that were cut in the middle of a character."""

from __future__ import annotations

import json
import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.limits import BROKEN, CROWD, BadInput, check_crowded, mend

# Each escape alone, as JSON defines it: slow, and surely right.
ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
    rb"|\\.",
    re.DOTALL,
)
PIECES = st.lists(
    st.sampled_from([
        b"\\ud83d", b"\\ude00", b"\\uD83D\\uDE00", b"\\u00e9", b"\\n", b"\\\\", b"\\", b"ud800",
        b"a", b'"', b"\n", b"\\ud8", "é".encode(), b"\\u", b"d800",
    ]),
    max_size=12,
).map(b"".join)  # fmt: skip


def one_by_one(raw: bytes) -> bytes:
    def whole(found: re.Match[bytes]) -> bytes:
        alone = len(found[0]) == 6 and found[0][1:2] == b"u"
        return b"\\ufffd" if alone else found[0]

    return ESCAPES.sub(whole, raw)


@given(PIECES)
def test_the_fast_way_mends_as_the_slow_one(raw: bytes) -> None:
    assert mend(raw) == one_by_one(raw)


@given(st.text(alphabet=st.sampled_from('a\\"\n€😀\ud800\udfff'), max_size=20))
def test_what_is_mended_can_be_read(text: str) -> None:
    raw = json.dumps([text]).encode()
    (read,) = orjson.loads(mend(raw))
    # Python joins two halves that stand together, as JSON does.
    whole = json.loads(raw)[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert read.replace("\ufffd", "") == whole.replace("\ufffd", "")


def test_more_halves_than_cutting_explains() -> None:
    cut = b"\\ud83d, " * (BROKEN - 1)
    assert mend(cut).count(b"\\ufffd") == BROKEN - 1
    with pytest.raises(BadInput, match="halves of characters"):
        mend(b"\\ud83d, " * (BROKEN + 2))
    row = b"\\ud83d" * (3 * BROKEN)
    assert mend(row) == b"\\ufffd" * (3 * BROKEN)


def test_a_crowd_of_nothings() -> None:
    check_crowded(b"[" + b"1," * (CROWD - 1) + b"1]")
    event = orjson.dumps({f"field{n}": "value" for n in range(50)}) + b","
    check_crowded(b"[" + event * 2500 + b"{}]")
    for nothing in (b"1,", b"{},", b'"aa",', b"[] , "):
        with pytest.raises(BadInput, match=r"batch: more than"):
            check_crowded(b"[" + nothing * (CROWD + 100) + b"1]")
