"""The contract suite of connectors: a right one passes, and each flaw fails its own test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.sdk.testing import ConnectorContract
from tests.unit.sdk.testing.toy import ToyRig, open_toy


class TestToy(ConnectorContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[ToyRig]:
        async with open_toy() as opened:
            yield opened


FLAWS = {
    "drops the last page": ["test_every_page_is_read_and_the_last_one_too"],
    "cursor too far": ["test_an_interrupted_run_goes_on_from_any_cursor"],
    "swallows": [
        "test_a_wrong_key_needs_attention",
        "test_a_push_with_a_wrong_key_needs_attention",
    ],
    "drops raw": ["test_fields_that_we_do_not_know_stay_in_the_raw_record"],
    "remembers": ["test_what_it_remembers_is_declared"],
    "unsigned": ["test_a_forged_delivery_is_refused"],
    "one secret": ["test_two_secrets_are_accepted_while_one_replaces_the_other"],
    "wants nonsense": [
        "test_two_secrets_are_accepted_while_one_replaces_the_other",
        "test_any_order_of_deliveries_and_a_pull_end_in_the_same_state",
    ],
    "gives up": ["test_being_slowed_down_is_obeyed"],
    "last wins": ["test_any_order_of_deliveries_and_a_pull_end_in_the_same_state"],
    "new keys": ["test_what_is_pushed_twice_arrives_once"],
    "forgets results": ["test_what_is_pushed_twice_arrives_once"],
    "says done": ["test_erasing_leaves_nothing", "test_an_erasure_that_failed_is_not_done"],
    "erases everybody": ["test_erasing_a_stranger_erases_nobody"],
}


@pytest.mark.parametrize(
    ("flaw", "name"), [(flaw, name) for flaw, names in FLAWS.items() for name in names]
)
async def test_each_flaw_fails_its_own_test(flaw: str, name: str) -> None:
    async with open_toy(flaw) as rig:
        run: Any = getattr(ConnectorContract(), name)
        with pytest.raises((Exception, pytest.fail.Exception)):
            result = run(rig)
            if result is not None:
                await result


@pytest.mark.parametrize("name", ["test_no_secret_is_ever_shown", "test_a_push_shows_no_secret"])
async def test_a_leak_is_noticed(name: str, caplog: pytest.LogCaptureFixture) -> None:
    async with open_toy("leaks") as rig:
        run: Any = getattr(ConnectorContract(), name)
        arguments = [rig, caplog] if "ever" in name else [rig]
        with pytest.raises(AssertionError):
            await run(*arguments)


async def test_what_a_connector_does_not_do_is_skipped() -> None:
    async with open_toy() as rig:
        rig.connector.abilities = ()
        rig.connector.webhook_topics = ()
        suite = ConnectorContract()
        names = ("test_what_is_pushed_twice_arrives_once", "test_erasing_leaves_nothing",
                 "test_any_order_of_deliveries_and_a_pull_end_in_the_same_state")  # fmt: skip
        for name in names:
            with pytest.raises(pytest.skip.Exception):
                await getattr(suite, name)(rig)
        suite.test_without_webhooks_every_delivery_is_refused(rig)


async def test_an_ability_without_its_method_is_named() -> None:
    async with open_toy() as rig:
        rig.connector.abilities = ("push", "teleport")
        with pytest.raises(AssertionError, match="teleport"):
            ConnectorContract().test_the_declaration_is_whole(rig)
