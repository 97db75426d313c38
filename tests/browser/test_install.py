"""From an empty folder to a shop's page that the hub has seen, over https, as a person does it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from hub.install.detect import installed
from tests.browser.conftest import FLAGS, find_chromium
from tests.machine import HUB, HUB_HOST, SHOP_HOST, Machine
from tests.names import name_server

PASSWORD = "five words that are mine"


@contextlib.asynccontextmanager
async def browsing(machine: Machine) -> AsyncIterator[Browser]:
    """A Chromium that finds both names here and trusts the one key that the CA vouched for."""
    names = f"MAP {HUB_HOST} 127.0.0.1, MAP {SHOP_HOST} 127.0.0.1"
    flags = [
        *FLAGS, f"--host-resolver-rules={names}",
        f"--ignore-certificate-errors-spki-list={machine.spki}",
    ]  # fmt: skip
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=flags
        )
        yield browser
        await browser.close()


async def answering(machine: Machine, host: str, path: str) -> bytes:
    """The page, once the proxy and what is behind it are up."""
    for _ in range(300):
        status, body = await asyncio.to_thread(machine.get, host, path)
        if status == 200:
            return body
        await asyncio.sleep(0.1)
    raise AssertionError(f"{host}{path} does not answer: {status} {machine.log}")


def setup_line(machine: Machine, proxy: str, path: str = "") -> str:
    where = f"{SHOP_HOST}:{machine.port} --path {path}" if path else f"{HUB_HOST}:{machine.port}"
    files = "" if path else f"--cert {machine.cert} --key {machine.key}"
    return (
        f"{HUB} setup --domain {where} --shop https://{SHOP_HOST}:{machine.port} --proxy {proxy} "
        f"{files} --timezone Europe/Amsterdam --yes --root {machine.root}"
    )


def printed_commands(output: str) -> list[str]:
    """The commands that set-up tells to type where no systemd runs."""
    block = output.partition("with:\n")[2].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


def units_command(machine: Machine, name: str) -> str:
    unit = (machine.root / "etc/systemd/system/regulars@.service").read_text()
    (command,) = re.findall(r"(?m)^ExecStart=(.+)$", unit)
    return command.replace("%i", name).replace("/var/lib", f"{machine.root}/var/lib")


async def become_owner(page: Page, output: str) -> None:
    (link,) = re.findall(r"https://\S+/admin/setup\?token=\S+", output)
    await page.goto(link)
    await page.get_by_label("name").first.fill("Ann")
    await page.locator("input[name=email]").fill("ann@shop.test")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("main button, form button").last.click()
    await expect(page.locator("nav .who")).to_have_text("Ann")


async def see_the_shop(browser: Browser, machine: Machine) -> None:
    """A visitor opens the shop; its page asks the hub and says so in the console when it fails."""
    page = await browser.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    async with page.expect_response(re.compile(r"/v1/decide$")) as decided:
        await page.goto(f"https://{SHOP_HOST}:{machine.port}/")
    assert (await decided.value).status == 200
    await page.close()
    assert [fault for fault in faults if "favicon" not in fault and "404" not in fault] == []


CASES = [("caddy", ""), ("nginx", ""), ("caddy", "/r"), ("nginx", "/r")]


@pytest.mark.full
@pytest.mark.parametrize(("proxy", "path"), CASES)
async def test_from_setup_to_a_page_that_was_seen(proxy: str, path: str, tmp_path: Path) -> None:
    if not installed(proxy):
        pytest.skip(f"no {proxy} on this machine; to install it, type: hub dev proxy")
    machine = Machine(tmp_path)
    machine.prepare_caddy() if proxy == "caddy" else machine.prepare_nginx()
    output = machine.type(setup_line(machine, proxy, path))
    serve, front = printed_commands(output)
    host = SHOP_HOST if path else HUB_HOST
    name = f"{host}{path.replace('/', '-')}"
    assert shlex.split(serve) == shlex.split(units_command(machine, name))
    (snippet,) = re.findall(r"<script async src=.*</script>", output)
    with machine.running(serve), machine.running(front):
        await answering(machine, host, f"{path}/health")
        assert b"/v1/decide" in await answering(machine, host, f"{path}/s.js")
        machine.publish(snippet)  # the shop's own work: one line in its template
        async with browsing(machine) as browser:
            page = await browser.new_page()
            await become_owner(page, output)
            await page.goto(f"https://{host}:{machine.port}{path}/admin/sources")
            await expect(page.locator("main")).to_contain_text("never")
            await see_the_shop(browser, machine)
            await page.reload()
            await expect(page.locator("main")).not_to_contain_text("never")
            await the_admin_works(page, path)
        assert len(machine.typed) == 3
        await the_doctor_agrees(machine, name)
    assert "Traceback" not in machine.log
    left = {file.name for file in (tmp_path / "var/lib/regulars" / name).iterdir()}
    assert "hub.db" in left and "hub.db-wal" not in left  # closed, not killed


async def the_admin_works(page: Page, path: str) -> None:
    """Every page of the menu opens, scripts and styles come, signing out and in again works."""
    links = await page.locator("nav a").evaluate_all("all => all.map(a => a.href)")
    assert len(links) > 8
    assert all(urlsplit(link).path.startswith(f"{path}/admin") for link in links)
    broken: list[str] = []
    page.on("response", lambda r: broken.append(r.url) if r.status >= 400 else None)
    for link in sorted(set(links)):
        await page.goto(link)
        assert await page.evaluate("typeof htmx") == "object"
    await page.get_by_role("button", name="Sign out").click()
    await expect(page).to_have_url(re.compile(f"{path}/admin/login$"))
    await page.locator("input[name=email]").fill("ann@shop.test")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await expect(page).to_have_url(re.compile(f"{path}/admin/$"))
    assert broken == []


async def the_doctor_agrees(machine: Machine, name: str) -> None:
    zone = {host: {"A": ["127.0.0.1"]} for host in (HUB_HOST, SHOP_HOST)}
    async with name_server(zone) as server:
        folder = machine.root / "var/lib/regulars" / name
        checks = await asyncio.to_thread(machine.doctor, folder, "--public", "--dns", server)
    found = {check["name"]: check for check in checks}
    wanted = {"certificate", "way in", "proxy", "s.js", "snippet", "consent", "clock", "hub"}
    if found["s.js"]["value"] == "HTTP/2 is off" and "-r" in name:
        wanted -= {"s.js"}  # the shop's own server block decides that
    assert {n for n in wanted if found[n]["state"] != "good"} == set(), checks
    assert "valid for 59 days" in found["certificate"]["value"]
    assert "seen on https://shop.test" in found["snippet"]["value"]


@pytest.mark.full
async def test_two_hubs_below_two_paths_of_one_host(tmp_path: Path) -> None:
    proxy = "nginx" if installed("nginx") else "caddy"
    if not installed(proxy):
        pytest.skip("neither nginx nor caddy on this machine; to install them: hub dev proxy")
    machine = Machine(tmp_path)
    machine.prepare_caddy() if proxy == "caddy" else machine.prepare_nginx()
    outputs = {path: machine.type(setup_line(machine, proxy, path)) for path in ("/r", "/b")}
    serves = [printed_commands(output)[0] for output in outputs.values()]
    front = printed_commands(outputs["/b"])[1]
    with machine.running(serves[0]), machine.running(serves[1]), machine.running(front):
        async with browsing(machine) as browser:
            page = await browser.new_page()
            for path, output in outputs.items():
                await answering(machine, SHOP_HOST, f"{path}/health")
                await become_owner(page, output)
            # The second account did not end the first one's session.
            for path in outputs:
                await page.goto(f"https://{SHOP_HOST}:{machine.port}{path}/admin/sources")
                await expect(page.locator("h1")).to_have_text("Sources")
            names = {(c["name"], c["path"]) for c in await page.context.cookies()}
            assert {("__Secure-regulars_r", "/r"), ("__Secure-regulars_b", "/b")} <= names


@pytest.mark.full
async def test_the_unit_hears_when_the_hub_is_ready_and_when_it_stops(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.prepare_caddy()
    output = machine.type(setup_line(machine, "caddy"))
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(place))
        notify.settimeout(60)
        serve = printed_commands(output)[0]
        with machine.running(serve, NOTIFY_SOCKET=str(place)):
            assert await asyncio.to_thread(notify.recv, 100) == b"READY=1"
        assert notify.recv(100) == b"STOPPING=1"
