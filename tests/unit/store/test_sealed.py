"""A sealed file opens with its key only, and only whole."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.store.recovery_key import (
    BadKey,
    RecoveryKey,
    load_public,
    new_key,
    read_key,
    store_public,
)
from hub.store.sealed import CHUNK, MAGIC, Damaged, OtherKey, SealedWriter, open_sealed

KEY = new_key()


def seal(*parts: bytes, key: RecoveryKey = KEY) -> bytes:
    stream = io.BytesIO()
    writer = SealedWriter(stream, key.public)
    for part in parts:
        writer.write(part)
    writer.close()
    return stream.getvalue()


def read(data: bytes, key: RecoveryKey = KEY) -> bytes:
    return b"".join(open_sealed(io.BytesIO(data), key))


def chunks(data: bytes) -> tuple[bytes, list[bytes]]:
    """The header, and each chunk with its length."""
    start = len(MAGIC) + 40
    header, found = data[:start], []
    while start < len(data):
        end = start + 4 + int.from_bytes(data[start : start + 4], "big")
        found.append(data[start:end])
        start = end
    return header, found


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_goes_in_comes_out(size: int) -> None:
    data = bytes(itertools.islice(itertools.cycle(range(251)), size))
    assert read(seal(data[: size // 2], data[size // 2 :])) == data


def test_nothing_of_the_contents_or_the_key_is_readable() -> None:
    data = seal(b"ann@example.com" * 100)
    assert b"ann@example.com" not in data
    assert KEY.secret not in data
    assert KEY.public not in data
    assert seal(b"same") != seal(b"same")


@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(seal(b"x" * 200))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Damaged, OtherKey)):
        read(bytes(sealed))


@given(st.integers(0, 310))
def test_any_cut_is_noticed(length: int) -> None:
    sealed = seal(b"x" * 250)
    assert len(sealed) > 310
    with pytest.raises(Damaged):
        read(sealed[:length])


def test_a_file_cut_between_two_parts_is_said_to_be_cut_off() -> None:
    header, parts = chunks(seal(b"x" * 3 * CHUNK))
    assert len(parts) == 3
    with pytest.raises(Damaged, match="cut off"):
        read(header + parts[0] + parts[1])


def test_parts_moved_repeated_or_added_are_noticed() -> None:
    header, (a, b, c) = chunks(seal(b"x" * 3 * CHUNK))
    for mixed in ((b, a, c), (a, a, b, c), (a, c), (c,), (a, b, c, c), (a, b, c, b"\0")):
        with pytest.raises(Damaged):
            read(header + b"".join(mixed))
    _, (other, *_) = chunks(seal(b"y" * 3 * CHUNK))
    with pytest.raises(Damaged):
        read(header + other + b + c)


def test_another_key_is_said_to_be_another_key() -> None:
    with pytest.raises(OtherKey, match="another recovery key"):
        read(seal(b"x"), new_key())


def test_another_file_is_said_to_be_no_backup() -> None:
    with pytest.raises(Damaged, match="not a backup"):
        read(b"SQLite format 3\0" + bytes(200))


def test_a_key_is_typed_in_any_shape() -> None:
    text = KEY.text
    assert len(text.replace("-", "")) == 56
    for typed in (text, text.lower(), text.replace("-", " "), f"  {text}\n", text.replace("-", "")):
        assert read_key(typed) == KEY
    assert read_key(text.replace("O", "0").replace("I", "1")) == KEY
    assert KEY.text not in repr(KEY)


def test_a_mistyped_key_is_said_to_be_mistyped() -> None:
    text = KEY.text.replace("-", "")
    for place in range(56):
        wrong = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        with pytest.raises(BadKey):
            read_key(wrong)
    for wrong in ("", "hello", text[:-8], text + text, "!" * 56):
        with pytest.raises(BadKey):
            read_key(wrong)


def test_the_folder_keeps_the_open_half_only(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert load_public(tmp_path) is None
    store_public(tmp_path, KEY)
    assert load_public(tmp_path) == KEY.public
    (file,) = tmp_path.iterdir()
    assert KEY.secret.hex() not in file.read_text()
    file.write_text("regulars-backup-key-1 12\n")
    with pytest.raises(BadKey, match="--new-key"):
        load_public(tmp_path)
