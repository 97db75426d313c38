"""A plugin that can not even be imported."""

raise RuntimeError("no such thing")
