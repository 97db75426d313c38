"""The doctor finds what is wrong with a real hub behind https, and says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from click.testing import CliRunner
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse

from hub.cli import cli
from hub.clock import SystemClock, to_ms
from hub.core import Hub
from hub.flows.doctor import examine
from hub.flows.doctor_echo import PATH, Echo, echo_token
from hub.flows.doctor_front import FORGED, _proxy
from hub.flows.doctor_here import backups, proxies
from hub.flows.doctor_shop import TOOLS, consent_check, from_date
from hub.flows.health import Check
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.flows.sources_admin import snippet_line
from hub.ingest.tokens import Signer
from hub.settings import Settings, Smtp
from hub.store.models import Source
from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.machine import HUB_HOST, SHOP_HOST, Machine
from tests.names import name_server
from tests.ports import free_port

HERE = {"A": ["127.0.0.1"]}
ZONE = {HUB_HOST: HERE, SHOP_HOST: HERE}


@contextlib.asynccontextmanager
async def https(app: Any, machine: Machine) -> AsyncIterator[None]:
    """An application over https on the machine's port."""
    config = uvicorn.Config(
        app, port=machine.port, ssl_certfile=machine.cert, ssl_keyfile=machine.key,
        log_level="error", log_config=None, lifespan="off", proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn offers no event)
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task


class Clinic:
    """A hub on its machine, its shop's page, and the doctor."""

    def __init__(self, hub: Hub, machine: Machine) -> None:
        self.hub = hub
        self.machine = machine
        self.page = ""
        self.zone: dict[str, dict[str, list[str]]] = dict(ZONE)
        self.before: Callable[[Any], Any] = lambda scope: scope
        self.app: Any = GZipMiddleware(create_app(hub), minimum_size=500)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode()
        if host.startswith(SHOP_HOST):
            await HTMLResponse(self.page)(scope, receive, send)
        else:
            await self.app(self.before(scope), receive, send)

    async def found(self, **options: Any) -> dict[str, Check]:
        asked: list[str] = []
        async with name_server(self.zone, asked) as server, https(self, self.machine):
            found = [
                check
                async for check in examine(
                    self.hub.settings, SystemClock(),
                    **{"public": True, "server": server, **options},
                )
            ]  # fmt: skip
        self.asked = asked
        return {check.name: check for check in found}


@pytest.fixture
async def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clinic]:
    """A hub that runs, a shop with its line, names that lead here, a CA that is trusted."""
    machine = Machine(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(machine.ca))
    settings = Settings(
        data_dir=tmp_path / "data", port=free_port(), trusted_proxies=["127.0.0.9"],
        public_url=f"https://{HUB_HOST}:{machine.port}",
        private_hosts=[f"{SHOP_HOST}:{machine.port}"],
    )  # fmt: skip
    async with open_hub(settings, SystemClock()) as hub:
        clinic = Clinic(hub, machine)
        source = await create_source(
            hub, name="Pages", kind="browser", shop="shop",
            shop_url=f"https://{SHOP_HOST}:{machine.port}",
        )  # fmt: skip
        clinic.page = f"<html><head>{snippet_line(hub, source)}</head></html>"
        await Source.filter(id=source.id).update(last_seen=to_ms(hub.clock.now()))
        async with serving(create_app(hub), bind("127.0.0.1", settings.port)):
            yield clinic


async def test_a_hub_that_is_well(clinic: Clinic) -> None:
    found = await clinic.found()
    good = {n for n, check in found.items() if check.state == "good"}
    assert good >= {
        "hub", "address", "domain", "certificate", "way in", "proxy", "snippet", "consent",
        "clock", "secret.key", "database", "SQLite", "disk",
    }, found  # fmt: skip
    assert "bad" not in {check.state for check in found.values()}
    assert found["s.js"].value == "HTTP/2 is off" or "gzip" in found["s.js"].value
    assert all(check.remedy for check in found.values() if check.state != "good")


async def test_without_public_nobody_outside_is_asked(clinic: Clinic) -> None:
    called: list[str] = []
    inner = clinic.app

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        called.append(scope["path"])
        await inner(scope, receive, send)

    clinic.app = noted
    found = await clinic.found(public=False)
    assert (clinic.asked, called) == ([], [])
    assert not {"domain", "certificate", "snippet", "mail"} & set(found)


async def test_a_name_without_address(clinic: Clinic) -> None:
    del clinic.zone[HUB_HOST]
    check = (await clinic.found())["domain"]
    assert check.state == "bad" and f"make an A record for {HUB_HOST}" in check.remedy


async def test_a_second_address_that_leads_nowhere(clinic: Clinic) -> None:
    clinic.zone[HUB_HOST] = {"A": ["127.0.0.1", "127.0.0.77"]}
    found = await clinic.found()
    check = found["certificate"]
    assert check.state == "bad" and "127.0.0.77: can not be reached" in check.value
    assert "remove its record" in check.remedy
    assert found["way in"].state == "good"


async def test_a_certificate_that_nobody_trusts(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    check = (await clinic.found())["certificate"]
    assert check.state == "bad" and "full chain" in check.remedy


async def test_a_certificate_that_ends_soon(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    short = Machine(tmp_path / "other", port=clinic.machine.port, days=6)
    monkeypatch.setenv("SSL_CERT_FILE", str(short.ca))
    clinic.machine = short
    check = (await clinic.found())["certificate"]
    assert check.state == "bad" and check.value.startswith("ends in 5 days")


async def test_a_name_that_leads_to_another_hub(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "data" / "secret.key").write_text("ab" * 32)
    check = (await clinic.found())["way in"]
    assert check.state == "bad" and "is not this hub" in check.value


async def test_a_proxy_that_was_not_named(clinic: Clinic) -> None:
    clinic.before = lambda scope: {
        **scope, "headers": [*scope["headers"], (b"x-forwarded-for", b"203.0.113.9")]
    }  # fmt: skip
    check = (await clinic.found())["client"]
    assert check.state == "bad" and 'Add "127.0.0.1" to trusted_proxies' in check.remedy


def test_what_a_proxy_may_do_wrong() -> None:
    settings = Settings(public_url="https://hub.example")

    def said(**seen: Any) -> list[tuple[str, str]]:
        right = {
            "scheme": "https", "host": "hub.example", "client": "203.0.113.9", "trusted": True,
            "forwarded": True,
        }  # fmt: skip
        checks = _proxy(settings, Echo(**{**right, **seen}), "hub.example", 443)
        return [(check.name, check.state) for check in checks]

    assert said() == [("proxy", "good")]
    assert said(scheme="http") == [("proxy", "bad")]
    assert said(host="127.0.0.1:8700") == [("proxy", "bad")]
    assert said(client=FORGED) == [("client", "bad")]
    assert said(client="10.0.0.1", trusted=False) == [("client", "bad")]


async def test_the_echo_is_for_the_doctor_alone(clinic: Clinic) -> None:
    hub, clock = clinic.hub, SystemClock()
    others = Signer(b"another hub's own secret, thirty-two")
    late = echo_token(hub.signer, clock.now() - timedelta(minutes=2))
    good = echo_token(hub.signer, clock.now())
    setup = hub.signer.seal("setup", {"exp": to_ms(clock.now()) + 60_000})
    tokens = ["", "x", "x.y", "é.é", late, setup, echo_token(others, clock.now()), good + "x"]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{hub.settings.port}") as http:
        for token in tokens:
            answer = await http.get(PATH, params={"token": token})
            assert (answer.status_code, "client" in answer.text) == (404, False), token
        assert (await http.get(PATH, params={"token": good})).status_code == 200
        assert (await http.get(PATH, params={"token": good})).status_code == 404


async def test_a_program_on_this_machine_is_no_trusted_proxy_by_itself(clinic: Clinic) -> None:
    token = echo_token(clinic.hub.signer, SystemClock().now())
    headers = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https"}
    async with httpx.AsyncClient() as http:
        address = f"http://127.0.0.1:{clinic.hub.settings.port}{PATH}"
        seen = (await http.get(address, params={"token": token}, headers=headers)).json()
    assert (seen["client"], seen["scheme"], seen["trusted"]) == ("127.0.0.1", "http", False)


async def test_pages_without_the_line_or_with_another(clinic: Clinic) -> None:
    line = clinic.page
    clinic.page = line.replace("data-key=", 'data-key="wk_old" data-x=')
    check = (await clinic.found())["snippet"]
    assert check.state == "bad" and "another key" in check.value
    clinic.page = "<html></html>"
    check = (await clinic.found())["snippet"]
    assert check.state == "good" and "not in the page" in check.value  # a tag manager adds it
    await Source.all().update(last_seen=0)
    check = (await clinic.found())["snippet"]
    assert check.state == "bad" and "Put the line" in check.remedy
    clinic.hub.seen[1] = to_ms(SystemClock().now())  # the running hub knows it first
    assert (await clinic.found())["snippet"].state == "good"
    clinic.hub.seen.clear()
    clinic.page = line.replace("/s.js", "/s.0a1B2c.js")
    check = (await clinic.found())["snippet"]
    assert check.state == "look" and "never called" in check.value
    await Source.all().update(last_seen=to_ms(SystemClock().now() - timedelta(days=5)))
    assert (await clinic.found())["snippet"].state == "look"


async def test_a_shop_that_moved_is_followed_a_few_steps(clinic: Clinic) -> None:
    page, moves = clinic.page, ["/nl/", "/nl/"]

    class Moving(Clinic):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if dict(scope["headers"])[b"host"].startswith(SHOP_HOST.encode()) and moves:
                headers = {"location": moves.pop()}
                await HTMLResponse("", 302, headers)(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)

    moving = Moving(clinic.hub, clinic.machine)
    moving.page = page
    assert (await moving.found())["snippet"].state == "good"
    moves += ["/x"] * 10
    assert "redirects" in (await moving.found())["shop"].value


SIGNS = {
    "Cookiebot": '<script id="Cookiebot" src="https://consent.cookiebot.com/uc.js"></script>',
    "OneTrust": '<script src="https://cdn.cookielaw.org/scripttemplates/otSDKStub.js"></script>',
    "Usercentrics": '<script src="https://web.cmp.usercentrics.eu/ui/loader.js"></script>',
    "Klaro": '<script defer src="/assets/klaro-no-css.min.js"></script>',
    "CookieYes": '<script src="https://cdn-cookieyes.com/client_data/1/script.js"></script>',
    "Complianz": '<script src="/wp-content/plugins/complianz-gdpr/cookiebanner.js"></script>',
    "Shopify's privacy banner": '<script src="/checkouts/consent-tracking-api.js"></script>',
}


@pytest.mark.parametrize("name", SIGNS)
def test_known_consent_tools(name: str) -> None:
    tool = next(tool for tool in TOOLS if tool.name == name)
    both = consent_check(SIGNS[name], "own")
    assert both.state == "look" and f'consent = "{tool.modes[0]}"' in both.remedy
    assert consent_check(SIGNS[name], tool.modes[0]).state == "good"
    assert consent_check(SIGNS[name], "auto").state == "good"
    assert consent_check("<html></html>", "own").state == "good"
    assert consent_check("<html></html>", "gcm").state == "look"


def test_the_clock_beside_another() -> None:
    clock = SystemClock()
    now = datetime.now(UTC)
    assert from_date(f"{now:%a, %d %b %Y %H:%M:%S} GMT", clock).state == "good"
    wrong = from_date(f"{now - timedelta(hours=1):%a, %d %b %Y %H:%M:%S} GMT", clock)
    assert wrong.state == "bad" and "set-ntp" in wrong.remedy
    for text in ("", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"):
        assert from_date(text, clock).state == "good"


async def test_rights_of_secret_files(clinic: Clinic, tmp_path: Path) -> None:
    secret = tmp_path / "data" / "secret.key"
    secret.chmod(0o644)
    check = (await clinic.found(public=False))["secret.key"]
    assert check.state == "bad" and check.remedy == f"chmod 600 {secret}"


async def test_a_hub_that_does_not_run(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, port=free_port())
    async with open_hub(settings, SystemClock()):
        pass
    found = {c.name: c async for c in examine(settings, SystemClock(), public=False)}
    assert found["hub"].state == "bad" and "systemctl start" in found["hub"].remedy
    assert found["database"].state == "good"
    assert backups(settings, SystemClock()).state == "look"
    assert proxies(Settings(public_url="https://x.example")).state == "bad"


async def test_postgres_is_asked_too(postgres_database: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_database, port=free_port())
    async with open_hub(settings, SystemClock()):
        pass  # it takes the steps
    found = {c.name: c async for c in examine(settings, SystemClock(), public=False)}
    assert found["database"].state == "good", found["database"]
    settings.database_url = "postgresql://ann:s3cret@127.0.0.1:1/hub"
    found = {c.name: c async for c in examine(settings, SystemClock(), public=False)}
    assert found["database"].state == "bad" and "s3cret" not in str(found)


def test_the_command_fails_when_something_is_bad(tmp_path: Path) -> None:
    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["doctor", "--data", str(tmp_path), *options])
        return result.exit_code, result.output

    code, output = run("--json")
    assert code == 1
    assert {"hub", "secret.key"} <= {c["name"] for c in json.loads(output) if c["state"] == "bad"}
    assert all(set(c) == {"name", "state", "value", "remedy"} for c in json.loads(output))
    lines = run()[1].splitlines()
    assert len(lines) == len(json.loads(output)) and any(line.startswith("BAD ") for line in lines)
    (tmp_path / "hub.toml").write_text("port = what\n")
    code, output = run()
    assert code == 1 and "settings" in output and "hub.toml" in output
    assert CliRunner().invoke(cli, ["doctor", "--data", str(tmp_path / "x")]).exit_code == 1


class _Accounts:
    def __call__(self, server: Any, session: Any, envelope: Any, kind: str, data: Any) -> Any:
        right = isinstance(data, LoginPassword) and data.password == b"pw-right"
        return AuthResult(success=right, handled=False)


MAIL = {
    "shop.test": {"MX": ["10 mx.shop.test."], "TXT": ['"v=spf1 include:mail.test -all"']},
    "brevo._domainkey.shop.test": {"TXT": ['"v=DKIM1; k=rsa; " "p=MIGf"']},
    "_dmarc.shop.test": {"TXT": ['"v=DMARC1; p=none"']},
}


@pytest.mark.parametrize(
    ("zone", "password", "name", "state", "remedy"),
    [
        (MAIL, "pw-right", "mail server", "good", ""),
        (MAIL, "pw-wrong", "mail server", "bad", "Correct user and password"),
        (MAIL, "pw-right", "DKIM", "good", ""),
        (MAIL, "pw-right", "DMARC", "good", ""),
        (MAIL, "pw-right", "SPF", "good", ""),
        ({}, "pw-right", "MX", "bad", "mailbox"),
        ({}, "pw-right", "SPF", "bad", "v=spf1"),
        ({}, "pw-right", "DKIM", "look", "selector"),
        ({}, "pw-right", "DMARC", "look", "_dmarc.shop.test"),
        ({"shop.test": {"TXT": ['"v=spf1 -all"', '"v=spf1 a -all"']}}, "pw-right", "SPF", "bad",
         "one TXT record"),
        ({"shop.test": {"TXT": ['"v=spf1 +all"']}}, "pw-right", "SPF", "bad", "-all"),
        ({"s1._domainkey.shop.test": {"TXT": ['"v=DKIM1; p="']}}, "pw-right", "DKIM", "look", ""),
    ],
)  # fmt: skip
async def test_mail(
    zone: dict[str, Any], password: str, name: str, state: str, remedy: str, tmp_path: Path
) -> None:
    server = Controller(
        object(), hostname="127.0.0.1", port=free_port(), authenticator=_Accounts(),
        auth_require_tls=False,
    )  # fmt: skip
    server.start()
    smtp = Smtp(
        host="127.0.0.1", port=server.port, user="ann", password=password, security="none",
        sender="Shop <shop@shop.test>",
    )  # fmt: skip
    settings = Settings(data_dir=tmp_path, smtp=smtp, port=free_port())
    try:
        async with name_server(zone) as names:
            found = {
                c.name: c async for c in examine(settings, SystemClock(), public=True, server=names)
            }
    finally:
        server.stop()
    assert (found[name].state, remedy in found[name].remedy) == (state, True), found[name]
    assert password not in str(found)
