"""doctor: every check of one hub, one after the other; each comes with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.flows.doctor_front import check_front
from hub.flows.doctor_here import check_here, last_calls, local_host, sources
from hub.flows.doctor_mail import check_mail
from hub.flows.doctor_net import Net
from hub.flows.doctor_shop import check_shop
from hub.flows.health import Check
from hub.ingest.tokens import Signer
from hub.sdk.clock import Clock
from hub.settings import Settings, load_secret


async def examine(
    settings: Settings, clock: Clock, *, public: bool, server: str = "", selector: str = ""
) -> AsyncIterator[Check]:
    """The checks as they are made. Without `public` nothing outside this machine is called."""
    here = Net(clock, server, frozenset({local_host(settings).replace("[", "").replace("]", "")}))
    async for check in check_here(settings, clock, here):
        yield check
    if not public:
        return
    own = settings.origin.partition("://")[2].partition("/")[0]
    net = Net(clock, server, frozenset({own, *settings.private_hosts}))
    calls: dict[str, int] = {}
    if (settings.data_dir / "secret.key").exists():
        signer = Signer(load_secret(settings.data_dir))
        async for check in check_front(settings, signer, clock, net):
            yield check
        calls = await last_calls(settings, signer, clock, here)
    async for check in check_mail(settings.smtp, net, selector):
        yield check
    pages = await sources(settings, calls)
    for page in pages:
        async for check in check_shop(
            page, origin=settings.origin, consent=settings.consent, clock=clock, net=net
        ):
            yield check
    if not pages:
        yield Check(
            "snippet",
            "look",
            "no source has the address of a shop",
            "Make a source for the shop's pages on the Sources page.",
        )
