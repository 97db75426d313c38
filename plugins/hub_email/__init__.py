"""E-mail over SMTP: any mail server or sending service that takes mail with a login."""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.channel import Channel
from hub.sdk.hookspecs import hookimpl
from hub_email.channel import EmailChannel

requires_sdk = ">=1.0,<2"


@hookimpl
def register_channels() -> Sequence[Channel]:
    """The e-mail channel."""
    return [EmailChannel()]
