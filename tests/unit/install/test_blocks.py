"""Letting the hub in below a path: one line, in the right site of the shop's own files."""

from __future__ import annotations

import pytest

from hub.install.blocks import into_caddy, into_nginx

NGINX = """\
# server { server_name shop.example; listen 443 ssl; }
server {
    listen 80;
    server_name shop.example;
    return 301 https://$host$request_uri;
}
server {
    listen 443 ssl default_server;
    server_name other.example;
    location / { add_header X "a } brace"; }
}
server {   # the shop
    listen 443 ssl;
    listen [::]:443 ssl http2;
    server_name www.shop.example shop.example;
    location ~ \\.php$ {
        if ($x) { return 404; }
    }
}
"""
CADDY = """\
{
	email ann@shop.example
}
(common) {
	encode gzip
}
http://shop.example {
	redir https://shop.example{uri}
}
other.example {
	respond "shop.example {"
}
www.shop.example,
shop.example {
	import common
	handle /x/* {
		respond "x"
	}
}
"""


def test_nginx_gets_the_line_in_the_https_server_of_the_host() -> None:
    new = into_nginx(NGINX, "shop.example", 443, "include snippets/r.conf;")
    assert new is not None
    added = [i for i, line in enumerate(new.splitlines()) if "include" in line]
    assert new.splitlines()[added[0] - 1].startswith("server {") and len(added) == 1
    assert new.splitlines()[added[0] + 1] == "   # the shop"
    assert new.replace("\n    include snippets/r.conf;\n", "") == NGINX
    assert into_nginx(new, "shop.example", 443, "include snippets/r.conf;") == new


def test_caddy_gets_the_line_in_the_site_of_the_host() -> None:
    new = into_caddy(CADDY, "shop.example", 443, "import r.caddy")
    assert new is not None
    lines = new.splitlines()
    assert lines[lines.index("\timport r.caddy") - 1] == "shop.example {"
    assert new.replace("\timport r.caddy\n", "") == CADDY
    assert into_caddy(new, "shop.example", 443, "import r.caddy") == new


@pytest.mark.parametrize(
    ("host", "port"), [("hub.example", 443), ("shop.example", 8443), ("example", 443)]
)
def test_no_such_site(host: str, port: int) -> None:
    assert into_nginx(NGINX, host, port, "include x;") is None
    assert into_caddy(CADDY, host, port, "import x") is None


@pytest.mark.parametrize("text", ["", "{", "}", "server {", "server { server_name shop.example;",
                                  '"', "shop.example", "}\n}\nshop.example {\n"])  # fmt: skip
def test_broken_files_are_no_reason_to_fall_over(text: str) -> None:
    assert into_nginx(text, "shop.example", 443, "include x;") is None
    into_caddy(text, "shop.example", 443, "import x")


def test_a_port_of_its_own() -> None:
    assert into_caddy("shop.example:8443 {\n}\n", "shop.example", 8443, "import x") == (
        "shop.example:8443 {\n\timport x\n}\n"
    )
