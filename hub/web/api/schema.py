"""The description of the API, made from the types that it answers with."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from hub import __version__
from hub.web.api.door import Line, reply
from hub.web.api.lines import LINES

REF = "#/components/schemas/{name}"
PATH_PART = re.compile(r"{(\w+)(?::(\w+))?}")
FAULT = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            "required": ["field", "message"],
        }
    },
    "required": ["error"],
}


async def openapi(_: Request) -> Response:
    """Open to all: it says nothing of this shop."""
    return reply(document())


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    types = [line.answer for line in LINES] + [line.body for line in LINES if line.body]
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    known = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for line in LINES:
        path = "/api/v1" + PATH_PART.sub(r"{\1}", line.path)
        paths.setdefault(path, {})[line.method.lower()] = _operation(line, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Regulars", "version": __version__},
        "paths": paths,
        "components": {"schemas": {**components, "Fault": FAULT}},
    }


def _operation(line: Line, known: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True,
         "schema": {"type": "integer" if kind == "int" else "string"}}
        for name, kind in PATH_PART.findall(line.path)
    ]  # fmt: skip
    parameters += [{"name": n, "in": "query", "schema": {"type": "string"}} for n in line.query]
    fault = {"description": "A fault", "content": _json({"$ref": "#/components/schemas/Fault"})}
    operation: dict[str, Any] = {
        "summary": line.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "As asked", "content": _json(known[repr(line.answer)])},
            "default": fault,
        },
    }
    if line.body:
        operation["requestBody"] = {"required": True, "content": _json(known[repr(line.body)])}
    return operation


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
