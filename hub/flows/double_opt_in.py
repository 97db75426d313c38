"""The mail that asks whether an address was really typed in by its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from hub.core import Hub
from hub.flows.confirm import make_link
from hub.sdk.channel import Message

if TYPE_CHECKING:
    from hub.flows.deliver import Due

TEXTS = {
    "en": {
        "subject": "Please confirm: news from {shop}",
        "hello": "Hello,",
        "asked": "Somebody, probably you, asked {shop} to send news to {email}.",
        "press": "Yes, send me news",
        "otherwise": "If that was not you, do nothing: without your confirmation we send nothing.",
        "agreed": "What you agree to:",
    },
    "nl": {
        "subject": "Bevestig je aanmelding bij {shop}",
        "hello": "Hallo,",
        "asked": "Iemand, waarschijnlijk jij, heeft {shop} gevraagd om nieuws te sturen naar "
        "{email}.",
        "press": "Ja, stuur mij nieuws",
        "otherwise": "Was jij dat niet? Doe dan niets: zonder je bevestiging sturen we niets.",
        "agreed": "Waarmee je akkoord gaat:",
    },
    "de": {
        "subject": "Bitte bestätigen: Neues von {shop}",
        "hello": "Hallo,",
        "asked": "Jemand, vermutlich Sie, hat {shop} gebeten, Neuigkeiten an {email} zu senden.",
        "press": "Ja, senden Sie mir Neuigkeiten",
        "otherwise": "Waren Sie das nicht? Dann tun Sie nichts: ohne Ihre Bestätigung senden wir "
        "nichts.",
        "agreed": "Dem stimmen Sie zu:",
    },
}


async def opt_in_message(hub: Hub, due: Due) -> Message:
    """Text and HTML of the confirmation mail, in the visitor's language."""
    form = due.payload
    locale = str(form.get("locale", "")).partition("-")[0]
    shop = hub.workspace.name
    texts = {
        key: text.format(shop=shop, email=form["email"])
        for key, text in TEXTS.get(locale, TEXTS["en"]).items()
    }
    rows = await hub.database.fetch(
        "SELECT text_version FROM consent WHERE seq = ?", (form["seq"],)
    )
    link = make_link(
        hub,
        email=form["email"],
        seq=form["seq"],
        source_id=form["source_id"],
        text_version=rows[0][0] if rows else "",
        page=form.get("page", ""),
    )
    agreed = str(form.get("consent_text", ""))
    return Message(
        key=due.key,
        to=form["email"],
        subject=" ".join(texts["subject"].split()),
        text=_text(texts, link, agreed),
        html=_html(texts, link, agreed, shop),
    )


def _text(texts: dict[str, str], link: str, agreed: str) -> str:
    parts = [texts["hello"], texts["asked"], f"{texts['press']}:\n{link}"]
    if agreed:
        parts.append(f"{texts['agreed']}\n{agreed}")
    return "\n\n".join([*parts, texts["otherwise"]]) + "\n"


def _html(texts: dict[str, str], link: str, agreed: str, shop: str) -> str:
    t = {key: escape(text) for key, text in texts.items()}
    consent = f'<p style="color:#555;font-size:14px">{t["agreed"]}<br>{escape(agreed)}</p>'
    return (
        '<!doctype html><html><body style="margin:0;background:#f4f2ee;'
        'font-family:system-ui,Arial,sans-serif;color:#222">'
        '<div style="max-width:520px;margin:0 auto;padding:32px 20px">'
        f'<div style="background:#fff;border-radius:12px;padding:32px">'
        f'<p style="font-size:14px;color:#666;margin-top:0">{escape(shop)}</p>'
        f"<p>{t['hello']}</p><p>{t['asked']}</p>"
        f'<p style="margin:28px 0"><a href="{escape(link, {chr(34): "&quot;"})}" '
        'style="background:#1f5f4a;color:#fff;padding:14px 22px;border-radius:8px;'
        f'text-decoration:none;display:inline-block">{t["press"]}</a></p>'
        f'{consent if agreed else ""}<p style="color:#555;font-size:14px">{t["otherwise"]}</p>'
        "</div></div></body></html>"
    )
