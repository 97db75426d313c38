"""What a plugin may use of the hub: everything public of the modules below, and nothing else.

Public is what a module lists in `__all__`, and else each name it defines itself that does not
begin with `_`. A test compares these names and their signatures with a committed list: what is
removed or changed needs a new first number of VERSION, what is added a new second one.

    hookspecs    the hooks, on one page
    connector    what a connector declares and does; push: changes and erasure at the vendor
    channel      one way to reach a person
    widgets      a kind of widget and the texts it needs
    conditions   one rule; values, parsing: tests of one value, reading plain data
    recommender  one way to choose products
    records      the vocabulary: orders, products, customers, consents, identifiers; money
    client       the only HTTP client; auth, guard, paging, webhooks: around it
    errors       named by what the hub must do next; secret: texts that must not be seen
    state        what a plugin may remember; clock: the only time
    version      the version of all this
    quality      the rules that a plugin keeps, and how a test run proves it
    testing      contract suites to inherit from; faults, loopback: to make a stand-in vendor fail
"""

from __future__ import annotations

from hub.sdk.version import VERSION

__all__ = ["VERSION"]
