"""From the pop-up to the consent, over a real mail server; and every way a message can end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from hub.clock import to_ms
from hub.flows.deliver import (
    ATTENTION_PAUSE_MS,
    FIRST_PAUSE_MS,
    LEASE_MS,
    MAX_ATTEMPTS,
    deliver_due,
)
from hub.flows.device import LinkRequest, link_device
from hub.flows.outbox import outbox_accounting
from hub.flows.unsubscribe import make_unsubscribe_link, unsubscribe
from hub.flows.workspace import pause_output
from hub.sdk.channel import Channel, Message, Receipt
from hub.sdk.errors import NeedsAttention, Refused, Retryable
from hub.sdk.records import Identifier
from tests.mailbox import ANNA, Post, link_token, open_post
from tests.shop import Shop


@pytest.fixture
async def post(shop: Shop) -> AsyncIterator[Post]:
    async with open_post(shop) as opened:
        yield opened


@pytest.fixture
async def quick(lite: Shop) -> AsyncIterator[Post]:
    """On SQLite alone."""
    async with open_post(lite) as opened:
        yield opened


class Scripted:
    """A channel that does as told, then hands over to the real one."""

    name = "email"

    def __init__(self, post: Post, *script: Callable[[], object]) -> None:
        self._real: Channel = post.shop.hub.plugins.channels["email"]
        self._script = list(script)
        self.calls = 0
        post.shop.hub.plugins.channels["email"] = self

    def configure(self, settings: Mapping[str, object]) -> None:
        self._real.configure(settings)

    async def send(self, message: Message) -> Receipt:
        self.calls += 1
        if self._script:
            answer = self._script.pop(0)()
            if answer is not None:
                return answer  # type: ignore[return-value]
        return await self._real.send(message)


def raising(error: BaseException) -> Callable[[], object]:
    def do() -> object:
        raise error

    return do


async def withdraw(post: Post, email: str = ANNA) -> None:
    link = make_unsubscribe_link(
        post.shop.hub,
        email=email,
        purpose="marketing",
        source_id=post.shop.sources["browser"].id,
        locale="en",
    )
    await unsubscribe(post.shop.hub, link.rpartition("/")[2])


async def test_the_whole_loop(post: Post) -> None:
    """Asked, mailed, looked at, pressed: granted, trusted, and linked to the browser."""
    device = await post.shop.device()
    await post.ask(token=device)
    (mail,) = await post.deliver()
    assert mail.to == ANNA
    assert "I agree to <b>two</b> letters" in mail.text
    assert "<b>two" not in mail.html
    headers = {name.lower(): value for name, value in mail.headers}
    assert headers["auto-submitted"] == "auto-generated"
    assert headers["date"] == "Mon, 23 Nov 2026 12:00:00 +0000"
    path = f"/confirm/{link_token(mail)}"
    assert (await post.browser.get(path)).status_code == 200
    assert [row[0] for row in await post.ledger()][-1] == "requested"
    answer = await post.browser.post(path)
    assert answer.status_code == 200
    assert (await post.ledger())[-1] == (
        "granted", "marketing", "email", "letter-3", "confirmed by mail"
    )  # fmt: skip
    state = await post.shop.person_of(Identifier("", "email", ANNA))
    assert state.consents["marketing/email"].state == "granted"
    person = await post.shop.hub.database.fetch(
        "SELECT trusted FROM person WHERE email = ?", (ANNA,)
    )
    assert [bool(row[0]) for row in person] == [True]
    back = httpx_url(answer.text)
    assert back.startswith("https://shop.example/sale?colour=red&amp;rgl_k=")
    key = back.partition("rgl_k=")[2]
    request = LinkRequest("", device, key)
    assert await link_device(post.shop.hub, post.shop.sources["browser"], request)
    assert not await link_device(post.shop.hub, post.shop.sources["browser"], request)


def httpx_url(html: str) -> str:
    return html.partition('class="button" href="')[2].partition('"')[0]


async def test_delivering_twice_sends_once(post: Post) -> None:
    await post.ask()
    await asyncio.gather(deliver_due(post.shop.hub), deliver_due(post.shop.hub))
    await post.deliver()
    assert len(post.inbox.mails) == 1
    assert await post.outbox("state, attempts") == [("done", 1)]


async def test_withdrawn_between_plan_and_send_is_suppressed(post: Post) -> None:
    await post.ask()
    await withdraw(post)
    assert await post.deliver() == []
    assert await post.outbox() == [("suppressed", "withdrawn after the request")]
    refusals = await post.shop.hub.database.fetch("SELECT output, reason FROM refusal")
    assert refusals == [("double_opt_in", "withdrawn after the request")]


async def test_paused_output_waits(post: Post) -> None:
    await pause_output(post.shop.hub, True)
    await post.ask()
    assert await post.deliver() == []
    assert await post.outbox() == [("planned", "")]
    await pause_output(post.shop.hub, False)
    assert len(await post.deliver()) == 1


async def test_the_fourth_request_in_a_day_is_suppressed(post: Post) -> None:
    """However often a stranger types in somebody's address."""
    for _ in range(4):
        post.shop.later(minutes=1)
        await post.ask()
    await post.ask("bob@example.com")
    await post.deliver()
    states = [row[0] for row in await post.outbox("state")]
    assert states == ["done", "done", "done", "suppressed", "done"]
    post.shop.later(hours=25)
    await post.ask()
    assert len(await post.deliver()) == 5


async def test_a_stranger_can_not_ask_a_consent_away(quick: Post) -> None:
    await quick.browser.post(f"/confirm/{await quick.asked()}")
    quick.shop.later(minutes=5)
    await quick.ask()
    state = await quick.shop.person_of(Identifier("", "email", ANNA))
    assert state.consents["marketing/email"].state == "granted"


async def test_each_mailbox_speaks_for_itself(quick: Post) -> None:
    """Two addresses of one browser: who stops one has not stopped the other."""
    device = await quick.shop.device()
    await quick.ask(token=device)
    await quick.ask("work@example.com", token=device)
    quick.shop.later(minutes=1)
    await withdraw(quick)
    (mail,) = await quick.deliver()
    assert mail.to == "work@example.com"


async def test_a_passing_fault_waits_longer_each_time(quick: Post) -> None:
    Scripted(quick, raising(Retryable("busy")), raising(Retryable("busy")))
    await quick.ask()
    start = quick.shop.now
    await quick.deliver()
    assert await quick.outbox("state, attempts, next_at, reason") == [
        ("planned", 1, start + FIRST_PAUSE_MS, "busy")
    ]
    quick.shop.later(milliseconds=FIRST_PAUSE_MS)
    again = quick.shop.now
    await quick.deliver()
    assert await quick.outbox("attempts, next_at") == [(2, again + 2 * FIRST_PAUSE_MS)]
    quick.shop.later(milliseconds=2 * FIRST_PAUSE_MS)
    assert len(await quick.deliver()) == 1


async def test_a_server_may_name_its_time_within_a_day(quick: Post) -> None:
    Scripted(quick, raising(Retryable("busy", after=10**9)))
    await quick.ask()
    await quick.deliver()
    assert await quick.outbox("next_at") == [(quick.shop.now + 86_400_000,)]


async def test_after_many_tries_it_has_failed(quick: Post) -> None:
    channel = Scripted(quick, *[raising(Retryable("busy"))] * MAX_ATTEMPTS)
    await quick.ask()
    for _ in range(MAX_ATTEMPTS):
        await quick.deliver()
        quick.shop.later(hours=4)
    assert await quick.outbox() == [("failed", f"given up after {MAX_ATTEMPTS} tries: busy")]
    assert channel.calls == MAX_ATTEMPTS


async def test_wrong_settings_rest_the_channel_and_call_a_person(post: Post) -> None:
    """One refused login, not one per message; no message loses a try; all go once it is mended."""
    channel = Scripted(post, raising(NeedsAttention("the password was refused")))
    await post.ask()
    await post.ask("bob@example.com")
    assert await post.deliver() == []
    await post.ask("carol@example.com")  # planned while the channel rests
    assert await post.deliver() == []
    assert channel.calls == 1
    assert post.shop.hub.attention["channel email"] == "the password was refused"
    waiting = ("planned", 0, "needs attention: the password was refused")
    assert await post.outbox("state, attempts, reason") == [waiting] * 3
    post.shop.later(milliseconds=ATTENTION_PAUSE_MS)
    assert len(await post.deliver()) == 3
    assert "channel email" not in post.shop.hub.attention


async def test_a_missing_plugin_is_waited_for(quick: Post) -> None:
    channel = quick.shop.hub.plugins.channels.pop("email")
    await quick.ask()
    await quick.deliver()
    assert "no plugin" in quick.shop.hub.attention["channel email"]
    quick.shop.hub.plugins.channels["email"] = channel
    quick.shop.later(milliseconds=ATTENTION_PAUSE_MS)
    assert len(await quick.deliver()) == 1


async def test_a_crash_between_taken_and_noted_is_unknown(post: Post) -> None:
    """The mail is out, the note is not: it is never sent again, and says so."""

    class Dying(Scripted):
        async def send(self, message: Message) -> Receipt:
            await super().send(message)
            raise asyncio.CancelledError

    Dying(post)
    await post.ask()
    with pytest.raises(asyncio.CancelledError):
        await deliver_due(post.shop.hub)
    assert await post.outbox() == [("leased", "")]
    assert await deliver_due(post.shop.hub) == 0
    post.shop.later(milliseconds=LEASE_MS + 1)
    await post.deliver()
    assert await post.outbox() == [("unknown", "the hub stopped while sending")]
    assert len(post.inbox.mails) == 1


async def test_a_refused_address_fails_alone(quick: Post) -> None:
    Scripted(quick, raising(Refused("550 no such user")))
    await quick.ask()
    await quick.ask("bob@example.com")
    assert [mail.to for mail in await quick.deliver()] == ["bob@example.com"]
    assert await quick.outbox() == [("failed", "550 no such user"), ("done", "")]


@pytest.mark.parametrize("broken", [raising(KeyError("secret-4711")), lambda: "sent!"])
async def test_a_broken_channel_leaves_the_fate_unknown(
    quick: Post, broken: Callable[[], object]
) -> None:
    Scripted(quick, broken)
    await quick.ask()
    await quick.deliver()
    ((state, reason),) = await quick.outbox()
    assert (state, "secret-4711" in reason) == ("unknown", False)


async def test_a_row_that_can_not_be_written_fails_alone(post: Post) -> None:
    await post.ask()
    await post.ask("bob@example.com")
    first_row = "WHERE id = (SELECT MIN(id) FROM outbox)"
    change = f"UPDATE outbox SET kind = 'from_the_future' {first_row}"
    await post.shop.hub.database.write([(change, [()])])
    assert [mail.to for mail in await post.deliver()] == ["bob@example.com"]
    (first, second) = await post.outbox("state, reason, lease_until")
    assert (first[0], first[2], second[0]) == ("failed", 0, "done")
    assert "from_the_future" in first[1]


async def test_a_request_of_last_week_is_not_asked_any_more(quick: Post) -> None:
    await pause_output(quick.shop.hub, True)
    await quick.ask()
    quick.shop.later(days=4)
    await pause_output(quick.shop.hub, False)
    assert await quick.deliver() == []
    assert await quick.outbox() == [("suppressed", "too old to be sent")]


async def test_the_sum_comes_out(post: Post) -> None:
    Scripted(
        post, raising(Refused("no")), raising(OSError()), lambda: None, raising(Retryable("later"))
    )
    for name in ("failed", "unknown", "done", "waiting", "suppressed"):
        await post.ask(f"{name}@example.com")
    post.shop.later(seconds=1)
    await withdraw(post, "suppressed@example.com")
    await post.deliver()
    sums = await outbox_accounting(post.shop.hub)
    assert (sums.failed, sums.unknown, sums.done, sums.waiting, sums.suppressed) == (1,) * 5
    assert sums.planned == 5
    assert sums.balanced
    await post.shop.hub.database.write(
        [("UPDATE outbox SET state = 'lost' WHERE state = 'done'", [()])]
    )
    assert not (await outbox_accounting(post.shop.hub)).balanced


async def test_the_mail_speaks_the_visitors_language(quick: Post) -> None:
    for locale in ("nl-BE", "DE_at", "fr", "../../etc"):
        quick.shop.later(seconds=1)
        await quick.ask(f"{len(locale)}{locale[:2].strip('.')}@example.com", locale=locale)
    subjects = {mail.subject for mail in await quick.deliver()}
    assert {"Bevestig", "Bitte", "Please"} == {subject.split()[0] for subject in subjects}
    assert to_ms(quick.inbox.mails[0].received) == quick.shop.now
