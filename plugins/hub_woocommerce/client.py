"""Talking to one WooCommerce shop: its address, its three ways to sign in, its lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.sdk.auth import Auth, Basic, OAuth1, QueryKey
from hub.sdk.client import Answered, Denied, Response
from hub.sdk.connector import Context, is_on
from hub.sdk.errors import Broken, NeedsAttention
from hub.sdk.paging import Listing, Row, by_id
from hub.sdk.secret import SecretText

API = "/wc/v3"
PAGE_SIZE = 100  # WooCommerce's largest
ORDERED_BY_ID = {"orderby": "id", "order": "asc"}


class Shop:
    """One connected shop. Every answer is checked to be what was asked for."""

    def __init__(self, ctx: Context, page_size: int = PAGE_SIZE) -> None:
        self.ctx = ctx
        self.page_size = page_size
        self.name = ctx.shop
        self._site = site_address(ctx.config.get("url", ""))
        self._plain = is_on(ctx.config, "plain_permalinks")
        self._auth = _auth(ctx, self._site)

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Response:
        """GET below the WooCommerce API."""
        return await self._call("GET", path, params or {})

    async def send(self, method: str, path: str, body: Mapping[str, str]) -> Any:
        """POST or PUT below the WooCommerce API; the answer's JSON."""
        return (await self._call(method, path, {}, body)).json()

    async def one(self, path: str, params: Mapping[str, str] | None = None) -> Row:
        """One JSON object."""
        response = await self.get(path, params)
        data = response.json()
        if not isinstance(data, dict):
            raise Broken(f"{response.place} answered with something else than an object.")
        return data

    async def listing(self, path: str, params: Mapping[str, str]) -> Listing:
        """One page of a list, with the number of rows in all."""
        response = await self.get(path, params)
        data = response.json()
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise Broken(f"{response.place} answered with something else than a list.")
        return Listing(data, response.number("X-WP-Total"))

    async def by_offset(
        self, path: str, params: Mapping[str, str], offset: int, limit: int
    ) -> Listing:
        """A stretch of a list in the order of its ids."""
        window = {"offset": str(offset), "per_page": str(limit)}
        return await self.listing(path, {**params, **ORDERED_BY_ID, **window})

    async def every(self, path: str, params: Mapping[str, str]) -> list[Row]:
        """All rows of a short list."""

        async def fetch(offset: int, limit: int) -> Listing:
            return await self.by_offset(path, params, offset, limit)

        pieces = by_id(fetch, row_id, size=self.page_size)
        return [row async for piece, _, _ in pieces for row in piece.rows]

    async def site(self) -> Row:
        """What the site says of itself without a key: its name and address."""
        fields = [("_fields", "name,url,home,timezone_string,gmt_offset")]
        url, params = self._address("/", "")
        response = await self.ctx.client.request("GET", url, params=[*params, *fields])
        data = response.json()
        return data if isinstance(data, dict) else {}

    async def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Mapping[str, str] | None = None,
    ) -> Response:
        url, route = self._address(path, API)
        try:
            return await self.ctx.client.request(
                method, url, params=[*route, *params.items()], json=body, auth=self._auth
            )
        except Denied as error:
            raise _advice(error, self._site) from None
        except Answered as error:
            if error.code == "rest_no_route" or (error.status == 404 and not error.code):
                raise MissingRoute(f"{error} {_NO_ROUTE}") from None
            raise

    def _address(self, path: str, namespace: str) -> tuple[str, list[tuple[str, str]]]:
        if self._plain:
            return f"{self._site}/", [("rest_route", f"{namespace}{path}")]
        return f"{self._site}/wp-json{namespace}{path}", []


class MissingRoute(NeedsAttention):
    """The shop has no such part of the API: no WooCommerce there, or an older one."""


_NO_ROUTE = (
    "Is WooCommerce active there? Without pretty permalinks, choose plain permalinks in the form."
)


def site_address(url: str) -> str:
    """The shop's address without what people paste after it."""
    address = url.strip()
    for tail in ("/wp-json", "/wp-admin", "/wp-login.php"):
        address = address.split(tail, 1)[0]
    if "?" in address or "#" in address:
        raise NeedsAttention("Enter the shop's address only, such as https://shop.example.")
    return address.rstrip("/")


def naive_gmt(moment: datetime) -> str:
    """GMT without a zone, to be sent with dates_are_gmt=true. A trailing Z beside that flag is
    shifted twice by WooCommerce, which then leaves orders out without a word."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


class ChangedRows:
    """The rows of one list and status by time of change (or of creation)."""

    def __init__(
        self, shop: Shop, path: str, fixed: Mapping[str, str], *, created: bool = False
    ) -> None:
        self.size = shop.page_size
        self._shop = shop
        self._path = path
        self._fixed = dict(fixed)
        self._field = "date_created_gmt" if created else "date_modified_gmt"
        self._order = "date" if created else "modified"
        self._prefix = "" if created else "modified_"

    async def after(self, moment: datetime | None) -> Listing:
        """The first page changed after the moment; WooCommerce's bound is strict too."""
        params = {**self._fixed, **self._bounds(moment, None), "per_page": str(self.size)}
        return await self._shop.listing(
            self._path, {**params, "orderby": self._order, "order": "asc"}
        )

    async def window(
        self, after: datetime | None, until: datetime, offset: int, limit: int
    ) -> Listing:
        """Rows changed after `after`, at most at `until`, by id."""
        params = {**self._fixed, **self._bounds(after, until + timedelta(seconds=1))}
        return await self._shop.by_offset(self._path, params, offset, limit)

    def key(self, row: Row) -> int:
        """The row's id, 0 when it has none."""
        return row_id(row)

    def stamp(self, row: Row) -> datetime | None:
        """When it changed; an unreadable time is reported later, when the row is mapped."""
        try:
            return datetime.fromisoformat(row[self._field]).replace(tzinfo=UTC)
        except (KeyError, TypeError, ValueError):
            return None

    def _bounds(self, after: datetime | None, before: datetime | None) -> dict[str, str]:
        bounds = {"dates_are_gmt": "true"} if after or before else {}
        if after:
            bounds[f"{self._prefix}after"] = naive_gmt(after)
        if before:
            bounds[f"{self._prefix}before"] = naive_gmt(before)
        return bounds


def row_id(row: Row) -> int:
    """The id of any row, 0 when it has none."""
    value = row.get("id")
    return value if isinstance(value, int) else 0


def _auth(ctx: Context, site: str) -> Auth:
    empty = SecretText("")
    key = ctx.secret.get("consumer_key", empty)
    secret = ctx.secret.get("consumer_secret", empty)
    if not key or not secret:
        raise NeedsAttention("The consumer key and the consumer secret are needed.")
    way = ctx.config.get("auth") or "auto"
    if way == "query":
        return QueryKey(("consumer_key", "consumer_secret"), key, secret)
    if way == "oauth" or (way == "auto" and site.startswith("http://")):
        return OAuth1(key, secret, ctx.clock)
    return Basic(key, secret)


def _advice(error: Denied, site: str) -> NeedsAttention:
    """WooCommerce's codes name the cause only to those who know it."""
    hints = {
        "woocommerce_rest_authentication_error": "Check the consumer secret.",
        "woocommerce_rest_cannot_view": (
            "Check the consumer key and that it may read. If both are right, the shop may sit "
            "behind a proxy that hides TLS or drops the key: choose another way to sign in."
        ),
    }
    hint = hints.get(error.code, "")
    return Denied(f"{error} {hint}".strip(), status=error.status, code=error.code)
