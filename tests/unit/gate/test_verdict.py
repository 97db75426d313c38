"""The gate: no record means no."""

from __future__ import annotations

import pytest

from hub.gate.verdict import PERSONALISATION, SERVICE, Output, Standing, refusal
from hub.profiles.state import Consent, request_key

SITE = Output("welcome", "site", PERSONALISATION)
MAIL = Output("news", "email", "marketing")
ASKING = Output("double_opt_in", "email", SERVICE)
REQUEST = request_key("marketing", "email")


def consent(state: str, at: int = 1) -> Consent:
    return Consent(state, "consent", at, at, "v1")


def why(output: Output, standing: Standing) -> str:
    refused = refusal(output, standing)
    return refused.reason if refused else ""


def test_without_any_record_nothing_personal_happens() -> None:
    for output in (SITE, MAIL, ASKING):
        assert why(output, Standing({})) == "no recorded basis"


def test_what_is_not_personal_needs_no_record() -> None:
    assert why(Output("hello", "site", PERSONALISATION, personal=False), Standing({})) == ""


@pytest.mark.parametrize("state", ["withdrawn", "requested", "", "GRANTED"])
def test_only_a_granted_consent_is_one(state: str) -> None:
    standing = Standing({"marketing/email": consent(state)})
    assert why(MAIL, standing) == f"consent is {state}"
    assert why(MAIL, Standing({"marketing/email": consent("granted")})) == ""


def test_consent_holds_for_its_purpose_and_channel_only() -> None:
    standing = Standing({"marketing/sms": consent("granted"), "analytics/site": consent("granted")})
    assert why(MAIL, standing) == "no recorded basis"
    assert why(SITE, standing) == "no recorded basis"


def test_pause_and_suppression_stop_everything() -> None:
    granted = {"marketing/email": consent("granted"), "personalisation/site": consent("granted")}
    open_output = Output("hello", "site", PERSONALISATION, personal=False)
    for output in (SITE, MAIL, open_output):
        assert why(output, Standing(granted, paused=True)) == "all output is paused"
        assert why(output, Standing(granted, suppressed=True)) == "the address is suppressed"


def test_caps_hold_for_everybody() -> None:
    open_output = Output("hello", "site", PERSONALISATION, personal=False)
    assert why(open_output, Standing({}, recent=2, cap=3)) == ""
    assert why(open_output, Standing({}, recent=3, cap=3)) == "cap reached: 3 of 3"
    assert why(open_output, Standing({}, recent=99)) == ""


def test_a_request_is_the_basis_of_its_own_confirmation_only() -> None:
    standing = Standing({REQUEST: consent("requested")})
    assert why(ASKING, standing) == ""
    assert why(MAIL, standing) == "no recorded basis"
    other = Output("double_opt_in", "email", SERVICE, asked="profiling")
    assert why(other, standing) == "no recorded basis"


def test_a_withdrawal_after_the_request_ends_it() -> None:
    late = {REQUEST: consent("requested", 5), "marketing/email": consent("withdrawn", 6)}
    assert why(ASKING, Standing(late)) == "withdrawn after the request"
    anew = {REQUEST: consent("requested", 7), "marketing/email": consent("withdrawn", 6)}
    assert why(ASKING, Standing(anew)) == ""
