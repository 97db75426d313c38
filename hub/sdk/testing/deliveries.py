"""What every connector's webhooks must withstand."""

from __future__ import annotations

import random

import pytest

from hub.sdk.connector import WebhookResult
from hub.sdk.records import Sighting
from hub.sdk.testing.picture import picture, pull_all
from hub.sdk.testing.rig import Rig, Sent, receive
from hub.sdk.webhooks import Forged

__all__ = ["WebhookContract"]


class WebhookContract:
    """Part of ConnectorContract. Skipped for a connector that names no `webhook_topics`."""

    def test_without_webhooks_every_delivery_is_refused(self, rig: Rig) -> None:
        if rig.connector.webhook_topics:
            pytest.skip("the connector has webhooks: the other tests hold")
        for body in (b"", b"{}", b'{"id": 1}', b"\xff"):
            with pytest.raises(Forged):
                receive(rig, Sent({"content-type": "application/json"}, body))

    async def test_a_forged_delivery_is_refused(self, rig: Rig) -> None:
        _needs_webhooks(rig)
        rig.change()
        sent = rig.deliveries()
        assert sent
        for delivery in sent:
            body = delivery.body
            for i in range(0, len(body), max(1, len(body) // 40)):
                flipped = body[:i] + bytes([body[i] ^ 1]) + body[i + 1 :]
                with pytest.raises(Forged):
                    receive(rig, Sent(delivery.headers, flipped, delivery.url))
            with pytest.raises(Forged):
                receive(rig, delivery, secrets=["another secret"])
            with pytest.raises(Forged):
                receive(rig, delivery, secrets=[])
            with pytest.raises(Forged):
                receive(rig, delivery, secrets=[""])
            with pytest.raises(Forged):
                receive(rig, Sent({}, body, delivery.url))

    async def test_two_secrets_are_accepted_while_one_replaces_the_other(self, rig: Rig) -> None:
        _needs_webhooks(rig)
        rig.change()
        for delivery in rig.deliveries():
            result = receive(rig, delivery, secrets=["the next one", rig.webhook_secret])
            assert result.kind in {"records", "ignored"}
            _wants_streams(rig, result)

    async def test_any_order_of_deliveries_and_a_pull_end_in_the_same_state(self, rig: Rig) -> None:
        _needs_webhooks(rig)
        before, cursors = await pull_all(rig.connector, rig.context())
        rig.change()
        sent = rig.deliveries()
        pulled, _ = await pull_all(rig.connector, rig.context(), cursors)
        fresh, _ = await pull_all(rig.connector, rig.context())
        for seed in range(12):
            shuffled = [*sent, *sent]  # every delivery is replayed
            order = random.Random(seed)  # noqa: S311
            order.shuffle(shuffled)
            lost = order.choice(sent)
            seen: set[str] = set()
            told: list[Sighting] = []
            for delivery in (d for d in shuffled if d is not lost):
                result = receive(rig, delivery)
                _wants_streams(rig, result)
                if result.dedupe_key not in seen:
                    told += result.sightings
                seen.add(result.dedupe_key)
            state = picture(pulled, picture(told, picture(before)))
            assert state == picture(fresh), f"seed {seed}"


def _wants_streams(rig: Rig, result: WebhookResult) -> None:
    streams = [stream.name for stream in rig.connector.streams]
    unknown = sorted(set(result.wants) - set(streams))
    assert not unknown, f"wants={unknown}: the connector's streams are {streams}"


def _needs_webhooks(rig: Rig) -> None:
    if not rig.connector.webhook_topics:
        pytest.skip("the connector has no webhooks")
