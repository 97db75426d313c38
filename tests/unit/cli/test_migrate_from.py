"""`hub migrate-from` against a server on loopback and a saved file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from tests.unit.imports.test_old_settings import RUDDER, SEGMENT


class _Old(BaseHTTPRequestHandler):
    asked: str

    def do_GET(self) -> None:
        type(self).asked = str(self.headers.get("authorization"))
        known = self.path.startswith("/sourceConfig")
        body = orjson.dumps(RUDDER) if known else b"{}"
        self.send_response(200 if known else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def old() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Old) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ask(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["migrate-from", "--data", str(folder), *words])


def test_each_destination_of_a_saved_document_has_a_fate(tmp_path: Path) -> None:
    document = {**SEGMENT, "integrations": {**SEGMENT["integrations"], "HubSpot": {}}}  # type: ignore[dict-item]
    (tmp_path / "old.json").write_bytes(orjson.dumps(document))
    answer = ask(tmp_path, "segment", "--file", str(tmp_path / "old.json"), "--json")
    report = json.loads(answer.output)
    assert {line["name"]: line["fate"] for line in report["destinations"]} == {
        "Odd": "lost", "Webhooks": "lost", "Facebook Pixel": "own tag", "Hotjar": "own tag",
        "Google Analytics": "own tag", "TikTok Pixel": "own tag", "HubSpot": "connector",
    }  # fmt: skip
    assert report["blocked"] == ["Noise"]
    shown = ask(tmp_path, "segment", "--file", str(tmp_path / "old.json")).output
    assert shown.index("Webhooks") < shown.index("Hotjar") < shown.index("HubSpot")
    assert "Noise" in shown
    assert "UA-1" not in shown  # their settings are not ours to show


def test_the_document_of_ones_own_server_is_fetched_with_the_key(tmp_path: Path, old: str) -> None:
    answer = ask(tmp_path, "rudderstack", "--key", "k1", "--url", f"{old}/sourceConfig/", "--json")
    assert answer.exit_code == 0, answer.output
    fates = [(line["name"], line["fate"]) for line in json.loads(answer.output)["destinations"]]
    assert fates == [("HS", "lost"), ("Google Analytics 4", "own tag"), ("old", "was off")]
    assert _Old.asked.startswith("Basic ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["segment"], "--file, or the old write key with --key"),
        (["segment", "--file", "/nowhere/old.json"], "/nowhere/old.json"),
        (["segment", "--url", "{old}/elsewhere"], "404"),
        (["segment", "--key", "k", "--url", "{old}/sourceConfig/"], "no 'integrations' in it"),
    ],
)
def test_what_can_not_be_read_is_said(
    tmp_path: Path, old: str, words: list[str], said: str
) -> None:
    answer = ask(tmp_path, *(word.format(old=old) for word in words))
    assert answer.exit_code != 0
    assert said in answer.output


def test_a_collector_that_sent_nowhere_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"integrations": {"Segment.io": {}}}')
    answer = ask(tmp_path, "segment", "--file", str(tmp_path / "old.json"))
    assert "nothing is lost by moving" in answer.output
