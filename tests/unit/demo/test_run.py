"""Starting the demo: options that can not be, and a second start on other ports."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.demo.run import running_demo
from hub.store.models import Connection
from hub.web.server import PortInUse


async def start(folder: Path, *, port: int = 0, rate: float = 0.0) -> None:
    async with running_demo(folder, SystemClock(), port=port, rate=rate, seed=7):
        raise AssertionError("it started")


@pytest.mark.parametrize("port", [-1, 65533, 99999])
async def test_four_ports_must_fit(tmp_path: Path, port: int) -> None:
    with pytest.raises(ValueError, match=f"--port {port}: choose a port between 1 and 65532"):
        await start(tmp_path, port=port)


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
async def test_a_rate_is_a_number_of_page_views(tmp_path: Path, rate: float) -> None:
    with pytest.raises(ValueError, match="--rate"):
        await start(tmp_path, rate=rate)


async def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(ValueError, match=r"notes\.txt can not be used .*--data"):
        await start(file)
    assert file.read_text() == "mine"


async def test_a_damaged_note_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{}")
    with pytest.raises(ValueError, match="--data"):
        await start(tmp_path)


async def test_a_taken_port_says_which_ports_the_demo_needs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1] - 1
        with pytest.raises(PortInUse, match=rf"the demo takes {port} to {port + 3}"):
            await start(tmp_path, port=port)
    assert not (tmp_path / "demo.json").exists()


async def test_a_second_start_on_other_ports_finds_its_parts_again(tmp_path: Path) -> None:
    shops = []
    for _ in range(2):
        async with running_demo(tmp_path, SystemClock(), port=0, rate=0, seed=7) as demo:
            last = (await demo.hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
            await demo.hub.views.reached(last)
            shops.append(demo.shop_url)
            connection = await Connection.get(id=demo.connection_id)
            products = await demo.hub.database.fetch("SELECT url FROM product")
            assert connection.last_error == ""
            assert demo.source.shop_url == demo.shop_url
            assert products
            assert all(url.startswith(f"{demo.shop_url}/") for (url,) in products)
    assert shops[0] != shops[1]
