"""Finding the shop's own site in a proxy's files, to let the hub in below a path."""

from __future__ import annotations

import re

from hub.install.answers import HTTPS


def into_nginx(text: str, host: str, port: int, line: str) -> str | None:
    """The file with `line` first in the https server of this host; None: no such server in it."""
    for start, end in _nginx_servers(text):
        body = text[start:end]
        names = re.findall(r"(?m)^\s*server_name\s+([^;]+);", body)
        listens = re.findall(r"(?m)^\s*listen\s+([^;]+);", body)
        if host not in " ".join(names).split() or not any(_is_tls(one, port) for one in listens):
            continue
        if line in (part.strip() for part in body.splitlines()):
            return text
        rest = text[start:].partition("\n")[0]
        return f"{text[:start]}\n    {line}{chr(10) if rest.strip() else ''}{text[start:]}"
    return None


def _is_tls(listen: str, port: int) -> bool:
    place, *options = listen.split()
    return "ssl" in options and place.rpartition(":")[2] == str(port)


def _nginx_servers(text: str) -> list[tuple[int, int]]:
    """From after `{` to before `}` of each server block; comments and quoted braces are skipped."""
    found, opened, head = [], [], 0
    for token in re.finditer(r"#[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[{};]", text):
        sign = token[0]
        if sign == "{":
            opened.append((text[head : token.start()].strip(), token.end()))
        elif sign == "}" and opened:
            name, start = opened.pop()
            if _last_line(name) == "server":
                found.append((start, token.start()))
        if sign in ("{", "}", ";"):
            head = token.end()
    return found


def _last_line(text: str) -> str:
    plain = [line.strip() for line in text.splitlines() if not line.strip().startswith("#")]
    return plain[-1] if plain else ""


def into_caddy(text: str, host: str, port: int, line: str) -> str | None:
    """The Caddyfile with `line` first in the site of this host; None: no such site in it."""
    lines = text.splitlines()
    depth, addresses = 0, ""
    for number, raw in enumerate(lines):
        bare = raw.strip()
        if not bare or bare.startswith("#"):
            continue
        opens = bare == "{" or bare.endswith(" {")
        if depth == 0:
            addresses += f" {bare.removesuffix('{')}"
            if opens and _serves(addresses, host, port):
                return _after(lines, number, line)
        if bare == "}":
            depth -= 1
        elif opens:
            depth += 1
        if depth == 0 and not bare.endswith(","):
            addresses = ""
    return None


def _serves(addresses: str, host: str, port: int) -> bool:
    wanted = {f"{host}:{port}", f"https://{host}:{port}"}
    if port == HTTPS:
        wanted |= {host, f"https://{host}"}
    return bool(wanted & set(re.split(r"[\s,]+", addresses)))


def _after(lines: list[str], number: int, line: str) -> str:
    depth = 0
    for raw in lines[number + 1 :]:
        bare = raw.strip()
        if depth == 0 and bare == line:
            return "\n".join(lines) + "\n"
        if bare == "}":
            depth -= 1
            if depth < 0:
                break
        depth += bare == "{" or bare.endswith(" {")
    return "\n".join([*lines[: number + 1], f"\t{line}", *lines[number + 1 :]]) + "\n"
