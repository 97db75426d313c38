"""YAML as people expect it: `on` and `no` are words, a date is text, and nothing is an alias."""

from __future__ import annotations

import re
from typing import Any

import yaml

_BOOL = "tag:yaml.org,2002:bool"
_DROPPED = {_BOOL, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"}


def _resolvers(known: dict[str, list[tuple[str, Any]]]) -> dict[str, list[tuple[str, Any]]]:
    return {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in _DROPPED]
        for first, pairs in known.items()
    }


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = _resolvers(yaml.SafeLoader.yaml_implicit_resolvers)

    def compose_node(self, parent: Any, index: Any) -> Any:
        # Aliases let ten lines become a million.
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("anchors and aliases are not used here")
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = _resolvers(yaml.SafeDumper.yaml_implicit_resolvers)

    def ignore_aliases(self, data: Any) -> bool:
        return True


_TRUTH = re.compile(r"^(?:true|false)$")
_Loader.add_implicit_resolver(_BOOL, _TRUTH, list("tf"))
_Dumper.add_implicit_resolver(_BOOL, _TRUTH, list("tf"))


def load(text: str) -> Any:
    """Plain data. Raises yaml.YAMLError, which names the line."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)


def dump(data: Any) -> str:
    """The canonical text: loading and dumping it again changes no byte."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
