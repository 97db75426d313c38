"""Calls to HubSpot: who we are, which answers may be asked for again, and what they must hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.sdk.auth import Bearer
from hub.sdk.client import Response
from hub.sdk.connector import Context
from hub.sdk.errors import Broken, NeedsAttention
from hub.sdk.secret import SecretText

Raw = dict[str, Any]
HOME = "https://api.hubapi.com"
ACCOUNT = "/account-info/v3/details"
CONTACTS = "/crm/v3/objects/contacts"
MOST_LISTED = 100  # rows that a list of objects gives at once


async def call(ctx: Context, method: str, path: str, **request: Any) -> Response:
    """One request. What only reads, or writes the same when it is repeated, is asked again by
    the client on 429 (HubSpot names no time to wait) and 5xx: so is every POST of this plugin."""
    token = ctx.secret.get("token", SecretText(""))
    if not token:
        raise NeedsAttention("The access token of the private app is needed.")
    site = ctx.config.get("url", "").strip().rstrip("/") or HOME
    return await ctx.client.request(
        method, f"{site}{path}", auth=Bearer(token), repeat=True, **request
    )


async def get(ctx: Context, path: str, **params: str) -> Raw:
    """One JSON object."""
    pairs = [(name, value) for name, value in params.items() if value]
    return _object(await call(ctx, "GET", path, params=pairs))


async def post(ctx: Context, path: str, body: Raw) -> Raw:
    """One JSON object that was asked for with a body."""
    return _object(await call(ctx, "POST", path, json=body))


async def search(ctx: Context, kind: str, body: Raw) -> tuple[list[Raw], str]:
    """One page of a search, and the place after it ("" after the last one).

    Only the place says whether there is more: pages were seen that hold fewer rows than their
    `total`, even none, because the index still names rows that are already archived.
    """
    return await _page(await call(ctx, "POST", f"/crm/v3/objects/{kind}/search", json=body))


async def archived(
    ctx: Context, kind: str, properties: Sequence[str], after: str, limit: int
) -> tuple[list[Raw], str]:
    """One page of the recycle bin, in the order of ids, and the place after it."""
    params = [
        ("archived", "true"),
        ("limit", str(min(limit, MOST_LISTED))),
        ("properties", ",".join(properties)),
    ]
    if after:
        params.append(("after", after))
    return await _page(await call(ctx, "GET", f"/crm/v3/objects/{kind}", params=params))


async def _page(response: Response) -> tuple[list[Raw], str]:
    data = _object(response)
    rows = data.get("results")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Broken(f"{response.place} answered without a list of results.")
    paging = data.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return rows, str(after or "")


def _object(response: Response) -> Raw:
    data = response.json()
    if not isinstance(data, dict):
        raise Broken(f"{response.place} answered with something else than an object.")
    return data
