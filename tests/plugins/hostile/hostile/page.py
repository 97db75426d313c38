"""A widget and a recommender that fail while a page waits."""

from __future__ import annotations

from hub.sdk.widgets import ContentField, WidgetType


def arrange(content, scene):
    if content["title"] == "hang":
        while True:
            pass
    raise RuntimeError("arrange")


NaughtyWidget = WidgetType(
    "naughty_banner", "Naughty", (ContentField("title", "Title", required=True),),
    layout="banner", arrange=arrange,
)  # fmt: skip


class Ranker:
    """Ranks without end."""

    name = "naughty_rank"
    title = "Naughty"
    needs_visitor = False

    def rank(self, visit, shop):
        yield from ()
        while True:
            pass
