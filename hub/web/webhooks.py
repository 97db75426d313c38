"""Where connected systems deliver their webhooks: /hooks/{connection}."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from hub.core import Hub
from hub.flows.webhook import NoConnection, receive_webhook
from hub.sdk.errors import HubError, Retryable
from hub.sdk.webhooks import Forged
from hub.store.database import StoreUnavailable
from hub.store.lanes import Overloaded
from hub.watch import PluginFault, PluginOff
from hub.web.door import Door, network_in

log = logging.getLogger("hub.webhooks")
MAX_BYTES = 8 * 1024 * 1024


def routes(hub: Hub, door: Door) -> list[BaseRoute]:
    return [Route("/hooks/{connection:int}", _receive(hub, door), methods=["POST"])]


def _receive(hub: Hub, door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        try:
            body = await _body(request, door)
        except Overloaded as error:
            return _say(503, str(error), {"Retry-After": "30"})
        if body is None:
            return _say(413, f"larger than {MAX_BYTES} bytes")
        connection_id = request.path_params["connection"]
        try:
            note = await receive_webhook(hub, connection_id, dict(request.headers), body)
        except NoConnection:
            return _say(404, "no connection has this number")
        except Forged as error:
            hub.forged[connection_id] = hub.forged.get(connection_id, 0) + 1
            return _say(401, str(error))
        except (Overloaded, StoreUnavailable) as error:
            return _say(503, str(error), {"Retry-After": "30"})
        except (PluginOff, PluginFault, Retryable) as error:
            log.warning("webhook of connection %s: %s", connection_id, error)
            return _say(503, "not now: send it again later", {"Retry-After": "60"})
        except HubError as error:
            # The sender can not mend it, and would stop sending after a few refusals.
            log.warning("webhook of connection %s: %s", connection_id, error)
            return _say(200, str(error))
        except Exception:  # a fault of ours is never the sender's: it may send again
            log.exception("a webhook of connection %s failed", connection_id)
            return _say(503, "the hub had a fault: send it again later", {"Retry-After": "30"})
        return _say(200, note)

    return receive


async def _body(request: Request, door: Door) -> bytes | None:
    parts, size = [], 0
    with door.reading(network_in(request.scope)) as reading:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BYTES:
                return None
            reading.took(len(part))
            parts.append(part)
        return b"".join(parts)


def _say(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text, status, {"Cache-Control": "no-store", **(headers or {})})
