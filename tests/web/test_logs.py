"""What the log may say: where and what kind, never who."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk.errors import NeedsAttention
from hub.store.database import StoreUnavailable
from hub.web.logs_redact import one_line, redact
from hub.web.request_id import current
from tests.logbook import Written, logging_to


@pytest.fixture
def json_log() -> Iterator[Written]:
    with logging_to("json") as written:
        yield written


@pytest.fixture(params=["json", "text"])
def either_log(request: pytest.FixtureRequest) -> Iterator[Written]:
    with logging_to(request.param) as written:
        yield written


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("mail to zoe.canary+x@example.com failed", "mail to [e-mail] failed"),
        ("zoe%40example.com", "[e-mail]"),
        ("<zoë@exämple.com>: no such user", "<[e-mail]>: no such user"),
        ("from 203.0.113.77: refused", "from [address]: refused"),
        ("from 203.0.113.77:51234", "from [address]:51234"),
        ("peer 2001:db8::42 left", "peer [address] left"),
        ("peer [2001:db8:0:0:1::42]:443", "peer [[address]]:443"),
        ("call +31 6 12345678 now", "call [phone] now"),
        ("call +31612345678.", "call [phone]."),
        ("call 06-12345678 now", "call [phone] now"),
        ("call 0031 20 123 45 67", "call [phone]"),
        ("call (555) 123-4567", "call [phone]"),
        ("call 555-123-4567", "call [phone]"),
        ("card 4111 1111 1111 1111 said no", "card [number] said no"),
        ("GET https://shop.example/wp-json?consumer_secret=cs_1#x gave 500",
         "GET https://shop.example/wp-json?... gave 500"),
        ("postgresql://hub:pa55@db.example/hub", "postgresql://[secret]@db.example/hub"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: [secret]"),
        ("password='hunter2', user", "password=[secret], user"),
        ('{"api_key": "k1"}', '{"api_key": [secret]}'),
        ("token d41d8cd98f00b204e9800998ecf8427e.", "token [secret]"),
        ("sent Bearer eyJhbGciOi.J9 there", "sent Bearer [secret] there"),
    ],
)  # fmt: skip
def test_what_looks_like_a_person_or_a_secret_is_left_out(said: str, left: str) -> None:
    assert redact(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "the projector stopped after seq 1234567890123",
        "the write lock was held 153 ms by append",
        "port 8700 on 127.0.0.1 can not be opened",
        "listening on [::1]:8700",
        "2026-11-23T21:42:59.123Z to 2026-11-24",
        "12:30:45 and 0.123456789",
        "SQLite 3.51.2, Python 3.11.9",
        "hub/web/collect.py:90 in _post",
        'no such table: shop_order; near "SELEC": syntax error',
        "plugin hub_woocommerce_extra_long_name: it needs the SDK 2.x",
        "1763933379123 ms, 98,304 bytes",
    ],
)
def test_what_an_operator_needs_stays(said: str) -> None:
    assert redact(said) == said


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    line = one_line(redact(text))
    assert len(line.splitlines()) <= 1
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in line)


def test_a_line_end_in_a_message_makes_no_new_record(either_log: Written) -> None:
    forged = "x\r\n2026-11-23T00:00:00.000Z CRITICAL hub the owner signed in\u2028y\x1b[2J\x00"
    logging.getLogger("hub.test").warning("reading %s failed", forged)
    text = either_log.text()
    assert len(text.splitlines()) == 1
    assert "\\r\\n" in text.replace("\\\\", "\\")
    assert "\x1b" not in text and "\x00" not in text


def test_a_json_line_has_its_fields_and_no_other(json_log: Written) -> None:
    mark = current.set("r-1")
    extra = {"connection": 7, "email": "zoe@example.com", "person": "Zoe", "job": "a\nb"}
    logging.getLogger("hub.test").info("done", extra=extra)
    current.reset(mark)
    line = json_log.only()
    moment = str(line.pop("time"))
    assert moment.endswith("Z") and moment[10] == "T"
    assert line == {
        "level": "INFO", "logger": "hub.test", "message": "done", "request_id": "r-1",
        "connection": 7, "job": "a\\nb",
    }  # fmt: skip


def test_other_programs_speak_only_when_something_is_wrong(json_log: Written) -> None:
    logging.getLogger("tortoise.db_client").debug("SELECT 'zoe'")
    logging.getLogger("httpx").info("HTTP Request: GET https://shop.example/?email=zoe")
    assert json_log.text() == ""


def failing(error: BaseException) -> BaseException:
    """The error as if raised two calls deep, with a person in the local variables."""
    canary = "Zoe Canary, Canary Lane 1"
    try:
        raise error
    except BaseException as caught:
        assert canary
        return caught


def test_an_exception_tells_where_and_what_but_quotes_nothing(either_log: Written) -> None:
    cause = failing(KeyError("Zoe Canary"))
    error = failing(ValueError("Zoe Canary is not a number"))
    error.__cause__ = cause
    logging.getLogger("hub.test").error("reading failed", exc_info=error)
    logging.getLogger("hub.test").warning("reading: %s", error)
    logging.getLogger("hub.test").warning(error)
    logging.getLogger("hub.test").warning("of %(who)s", {"who": NeedsAttention("Zoe Canary")})
    text = either_log.text()
    assert "Canary" not in text and "Zoe" not in text
    assert "ValueError" in text and "KeyError" in text
    assert "tests/web/test_logs.py:" in text and "in failing" in text


def test_words_about_code_are_kept(json_log: Written) -> None:
    for error in (StoreUnavailable("the disk is full: mail zoe@example.com"),
                  AttributeError("'NoneType' object has no attribute 'seq'"),
                  PermissionError(13, "Permission denied", "/home/zoe/hub.db")):  # fmt: skip
        logging.getLogger("hub.test").error("failed", exc_info=failing(error))
    texts = [line["error"][0]["text"] for line in json_log.lines()]  # type: ignore[index]
    assert texts == [
        "the disk is full: mail [e-mail]", "'NoneType' object has no attribute 'seq'",
        "Permission denied",
    ]  # fmt: skip


def test_a_group_and_a_circle_of_exceptions_end(json_log: Written) -> None:
    one, two = failing(ValueError("Zoe")), failing(KeyError("Zoe"))
    one.__context__, two.__context__ = two, one
    group = failing(ExceptionGroup("Zoe", [ValueError("Zoe")]))
    logging.getLogger("hub.test").error("failed", exc_info=one)
    logging.getLogger("hub.test").error("failed", exc_info=group)
    first, second = json_log.lines()
    assert [fault["type"] for fault in first["error"]] == ["ValueError", "KeyError"]  # type: ignore[attr-defined]
    assert len(second["error"]) == 2  # type: ignore[arg-type]
    assert "Zoe" not in json_log.text()


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("Zoe Canary")


def test_a_call_that_is_wrong_itself_is_still_a_line(
    either_log: Written, capfd: pytest.CaptureFixture[str]
) -> None:
    for message, args, error in (
        ("two %s %s", ("Zoe Canary",), None),
        ("odd", None, Unprintable()),
        ("odd %d", (Unprintable(),), None),
    ):
        shown = None if error is None else (type(error), error, None)
        record = logging.LogRecord("hub.test", logging.ERROR, "", 0, message, args, shown)
        either_log.handler.handle(record)  # not the logger: pytest listens too, and would stumble
    text = either_log.text() + "".join(capfd.readouterr())
    assert "badly formatted" in text and "Unprintable" in text
    assert "Canary" not in text


async def test_a_task_that_nobody_waited_for(json_log: Written) -> None:
    async def lost() -> None:
        raise ValueError("Zoe Canary")

    task = asyncio.create_task(lost())
    await asyncio.wait([task])
    del task
    import gc

    gc.collect()
    line = json_log.only()
    assert line["message"] == "Task exception was never retrieved"
    assert line["error"][0]["type"] == "ValueError"  # type: ignore[index]
    assert "Canary" not in json_log.text()


def test_faults_that_nobody_catches(json_log: Written, capfd: pytest.CaptureFixture[str]) -> None:
    def lost() -> None:
        raise ValueError("Zoe Canary")

    thread = threading.Thread(target=lost)
    thread.start()
    thread.join()
    error = failing(RuntimeError("Zoe Canary"))
    sys.excepthook(type(error), error, error.__traceback__)
    assert [line["level"] for line in json_log.lines()] == ["ERROR", "CRITICAL"]
    assert "Canary" not in json_log.text() + "".join(capfd.readouterr())


def test_what_a_client_library_says_of_a_url(json_log: Written) -> None:
    request = httpx.Request("GET", "https://shop.example/?email=zoe@example.com")
    error = httpx.HTTPStatusError("Zoe", request=request, response=httpx.Response(500))
    logging.getLogger("httpx").error("%s for %s", error, request.url)
    assert json_log.only()["message"] == (
        "httpx.HTTPStatusError: (left out: it may speak of a person) for https://shop.example/?..."
    )
