"""A plugin that does everything wrong, one thing at a time: `mode` says which."""

from __future__ import annotations

from hostile.conditions import Naughty
from hostile.connector import Hostile
from hostile.page import NaughtyWidget, Ranker
from hub.sdk.hookspecs import hookimpl

requires_sdk = ">=1.0,<2"


@hookimpl
def register_connectors():
    return [Hostile()]


@hookimpl
def register_conditions():
    return [Naughty]


@hookimpl
def register_widgets():
    return [NaughtyWidget]


@hookimpl
def register_recommenders():
    return [Ranker()]
