"""/metrics: what an operator watches, in the text form that Prometheus reads."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from starlette.requests import Request
from starlette.responses import Response

from hub.core import Hub
from hub.flows.measures import Measures, measure
from hub.web.admin.guard import is_local
from hub.web.measured import families

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Snapshot:
    """A collector over figures that were read a moment ago."""

    def __init__(self, hub: Hub, measures: Measures) -> None:
        self._hub = hub
        self._measures = measures

    def collect(self) -> Iterable[Metric]:
        return families(self._hub, self._measures)


def metrics(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint. Without a token in the settings only this machine may read it."""

    async def endpoint(request: Request) -> Response:
        refused = _refused(hub, request)
        if refused is not None:
            return refused
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Snapshot(hub, await measure(hub)))
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={**HEADERS, "Content-Type": kind})

    return endpoint


def _refused(hub: Hub, request: Request) -> Response | None:
    token = hub.settings.metrics_token
    if not token:
        if is_local(request):
            return None
        remedy = "only this machine may read the metrics; set metrics_token to let others in"
        return Response(remedy, 403, HEADERS, media_type="text/plain")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode(), token.encode())
    if scheme.lower() == "bearer" and right:
        return None
    remedy = "send the metrics_token of the settings as Authorization: Bearer ..."
    return Response(remedy, 401, {**HEADERS, "WWW-Authenticate": "Bearer"}, media_type="text/plain")
