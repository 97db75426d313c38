"""The widget editor's form: inputs to plain data and back. Anything may be kept in a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.core import Hub
from hub.decisions.widget import NO_FALLBACK, OVERLAY, TRIGGERS
from hub.sdk.conditions import Form
from hub.sdk.widgets import WidgetType
from hub.web.admin import rules
from hub.web.admin.words import _

LOCALES = ("en", "nl", "de", "fr", "es", "it", "pt", "pl", "sv", "da", "fi", "nb", "cs")
ORDER = ("type", "name", "slot", "priority", "trigger", "when", "caps", "personal", "recommend",
         "content")  # fmt: skip
COMMON_EVENTS = (
    "Product Viewed", "Product List Viewed", "Product Added", "Product Removed", "Cart Viewed",
    "Checkout Started", "Order Completed", "Order Refunded", "Order Cancelled", "Page Viewed",
    "Products Searched", "Promotion Viewed", "Promotion Clicked", "Signed Up", "Signed In",
)  # fmt: skip


def row_forms(hub: Hub) -> dict[str, Form]:
    """The conditions that make one row; the logic ones are the groups."""
    return {form.kind: form for form in hub.language.forms() if form.group != "logic"}


def read_form(
    form: Mapping[str, str], old: Mapping[str, Any], declared: WidgetType, forms: Mapping[str, Form]
) -> dict[str, Any]:
    """The draft that the form describes; what the form does not show stays as it was."""
    data = dict(old)
    data["name"] = form.get("name", "").strip()
    data["slot"] = _slot(form, declared)
    data["priority"] = _whole(form.get("priority", "0"))
    _put(data, "trigger", _trigger(form) if data["slot"] == OVERLAY else None)
    _put(data, "caps", _caps(form))
    _put(data, "personal", True if form.get("personal") == "yes" else None)
    if declared.uses_products:
        data["recommend"] = {
            "strategy": form.get("recommend.strategy", "also_viewed"),
            "limit": _whole(form.get("recommend.limit", "4")),
            "fallback": form.get("recommend.fallback", "popular"),
        }
    if f"{rules.ROOT}.kind" in form:
        _put(data, "when", rules.to_data(rules.from_form(form), forms))
    data["content"] = _content(form, data.get("content"), declared)
    return {key: data[key] for key in (*ORDER, *sorted(data.keys() - set(ORDER))) if key in data}


def _content(form: Mapping[str, str], old: Any, declared: WidgetType) -> dict[str, Any]:
    known = dict(old) if isinstance(old, Mapping) else {}
    locales = [locale for locale in known if f"c.{locale}" in form] or list(known) or ["en"]
    extra = form.get("new_locale", "") if form.get("op") == "locale" else ""
    if extra in LOCALES and extra not in locales:
        locales.append(extra)
    dropped = form.get("op", "").partition("unlocale:")[2]
    texts = {}
    for locale in locales:
        if locale == dropped and len(locales) > 1:
            continue
        before = known.get(locale)
        values = dict(before) if isinstance(before, Mapping) else {}
        for field in declared.fields:
            name = f"c.{locale}.{field.key}"
            if field.kind == "bool":
                if f"c.{locale}" in form:
                    values[field.key] = form.get(name) == "yes"
            elif name in form:
                values[field.key] = form[name]
                if not form[name].strip() and not field.required:
                    del values[field.key]
        texts[str(locale)] = values
    return texts


def _slot(form: Mapping[str, str], declared: WidgetType) -> str:
    if declared.placement == "overlay":
        return OVERLAY
    if declared.placement == "both" and form.get("place") == OVERLAY:
        return OVERLAY
    written = form.get("slot", "").strip()
    return "" if written == OVERLAY else written


def _trigger(form: Mapping[str, str]) -> dict[str, Any] | None:
    on = form.get("trigger.on", "load")
    if TRIGGERS.get(on) is None:
        return {"on": on}
    return {"on": on, "value": _whole(form.get("trigger.value", ""))}


def _caps(form: Mapping[str, str]) -> dict[str, Any] | None:
    often = form.get("caps.per_visitor", "").strip()
    if not often:
        return None
    return {"per_visitor": _whole(often), "days": _whole(form.get("caps.days", "7") or "7")}


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        data.pop(key, None)
    else:
        data[key] = value


def _whole(text: str) -> Any:
    try:
        return int(text.strip())
    except ValueError:
        return text.strip()


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """The draft's values as the template asks for them, whatever is missing or odd."""

    def inner(key: str) -> Mapping[str, Any]:
        value = data.get(key)
        return value if isinstance(value, Mapping) else {}

    content = {
        str(locale): dict(texts) if isinstance(texts, Mapping) else {}
        for locale, texts in inner("content").items()
    }
    return {
        "name": rules.written(data.get("name")),
        "slot": rules.written(data.get("slot")),
        "priority": rules.written(data.get("priority", 0)),
        "trigger": {"on": inner("trigger").get("on", "load"),
                    "value": rules.written(inner("trigger").get("value"))},
        "caps": {"per_visitor": rules.written(inner("caps").get("per_visitor")),
                 "days": rules.written(inner("caps").get("days", 7))},
        "personal": data.get("personal") is True,
        "recommend": {"strategy": inner("recommend").get("strategy", "also_viewed"),
                      "limit": rules.written(inner("recommend").get("limit", 4)),
                      "fallback": inner("recommend").get("fallback", "popular")},
        "content": content or {"en": {}},
    }  # fmt: skip


def ways(hub: Hub) -> list[tuple[str, str]]:
    """The recommenders that a widget may name, each with its title."""
    translated = {
        "also_viewed": _("Looked at together"),
        "popular": _("Popular now"),
        "recently_viewed": _("Looked at lately"),
    }
    known = hub.plugins.recommenders.values()
    return [(recommender.name, translated.get(recommender.name, recommender.title))
            for recommender in known]  # fmt: skip


def fallbacks(hub: Hub) -> list[tuple[str, str]]:
    """What may fill up a recommendation."""
    return [*ways(hub), (NO_FALLBACK, _("nothing"))]
