"""May this output reach this person now? A pure answer over values; no record means no."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.profiles.state import Consent, request_key

PERSONALISATION = "personalisation"
ANALYTICS = "analytics"
MARKETING = "marketing"
SERVICE = "service"


class Output(msgspec.Struct, frozen=True):
    """`personal`: it uses what is known of the person, beyond the page that is open.

    `asked`, of a service message: the purpose of the request that it answers.
    """

    name: str
    channel: str  # site email sms ...
    purpose: str
    personal: bool = True
    asked: str = MARKETING


class Standing(msgspec.Struct, frozen=True):
    """All that the gate may know. `recent` counts what this person got of this output lately."""

    consents: Mapping[str, Consent]
    paused: bool = False
    suppressed: bool = False
    recent: int = 0
    cap: int | None = None


class Refused(msgspec.Struct, frozen=True):
    reason: str


def refusal(output: Output, standing: Standing) -> Refused | None:
    """Why the output must not happen, or None when it may."""
    if standing.paused:
        return Refused("all output is paused")
    if standing.suppressed:
        return Refused("the address is suppressed")
    if standing.cap is not None and standing.recent >= standing.cap:
        return Refused(f"cap reached: {standing.recent} of {standing.cap}")
    if not output.personal:
        return None
    if output.purpose == SERVICE:
        # A service message answers something the person did: that request is its basis.
        asked = standing.consents.get(request_key(output.asked, output.channel))
        decided = standing.consents.get(f"{output.asked}/{output.channel}")
        if asked is None:
            return Refused("no recorded basis")
        if decided is not None and decided.state == "withdrawn" and decided.at >= asked.at:
            return Refused("withdrawn after the request")
        return None
    consent = standing.consents.get(f"{output.purpose}/{output.channel}")
    if consent is None:
        return Refused("no recorded basis")
    if consent.state != "granted":
        return Refused(f"consent is {consent.state}")
    return None
