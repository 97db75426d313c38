"""The mail that asks whether an address was really typed in by its owner."""

from __future__ import annotations

from html import escape

from hub.core import Hub
from hub.flows.confirm import make_link, make_return_link
from hub.flows.languages import pick_locale
from hub.flows.outbox import Due
from hub.flows.suppress_return import open_wish
from hub.sdk.channel import Message

TEXTS = {
    "en": {
        "subject": "Please confirm: news from {shop}",
        "hello": "Hello,",
        "asked": "Somebody, probably you, asked {shop} to send news to {email}.",
        "press": "Yes, send me news",
        "otherwise": "If that was not you, do nothing: without your confirmation we send nothing.",
        "agreed": "What you agree to:",
        "paste": "If the button does not work, open this address:",
    },
    "nl": {
        "subject": "Bevestig je aanmelding bij {shop}",
        "hello": "Hallo,",
        "asked": "Iemand, waarschijnlijk jij, heeft {shop} gevraagd om nieuws te sturen naar "
        "{email}.",
        "press": "Ja, stuur mij nieuws",
        "otherwise": "Was jij dat niet? Doe dan niets: zonder je bevestiging sturen we niets.",
        "agreed": "Waarmee je akkoord gaat:",
        "paste": "Werkt de knop niet? Open dan dit adres:",
    },
    "de": {
        "subject": "Bitte bestätigen: Neues von {shop}",
        "hello": "Hallo,",
        "asked": "Jemand, vermutlich Sie, hat {shop} gebeten, Neuigkeiten an {email} zu senden.",
        "press": "Ja, senden Sie mir Neuigkeiten",
        "otherwise": "Waren Sie das nicht? Dann tun Sie nichts: ohne Ihre Bestätigung senden wir "
        "nichts.",
        "agreed": "Dem stimmen Sie zu:",
        "paste": "Falls der Knopf nicht funktioniert, öffnen Sie diese Adresse:",
    },
}


async def opt_in_message(hub: Hub, due: Due) -> Message:
    """Text and HTML of the confirmation mail, in the visitor's language."""
    form = due.payload
    locale = _locale(hub, str(form.get("locale", "")))
    link = make_link(hub, seq=form["seq"], locale=locale)
    return _message(hub, due, form["email"], locale, link, str(form.get("consent_text", "")))


async def return_message(hub: Hub, due: Due) -> Message:
    """The same for somebody who was erased and asks to come back."""
    sealed = str(due.payload["sealed"])
    wish = open_wish(hub, sealed)
    if wish is None:
        raise ValueError("the request does not open: was secret.key replaced?")
    locale = _locale(hub, wish.locale)
    link = make_return_link(hub, sealed=sealed, locale=locale)
    return _message(hub, due, wish.email, locale, link, wish.consent_text)


def _locale(hub: Hub, wished: str) -> str:
    return pick_locale(TEXTS, wished, hub.workspace.locale)


def _message(  # noqa: PLR0917  (what a mail is made of)
    hub: Hub, due: Due, email: str, locale: str, link: str, agreed: str
) -> Message:
    shop = hub.workspace.name
    texts = {key: text.format(shop=shop, email=email) for key, text in TEXTS[locale].items()}
    return Message(
        key=due.key,
        to=email,
        subject=texts["subject"],
        text=_text(texts, link, agreed),
        html=_html(locale, texts, link, agreed, shop),
        headers={"Auto-Submitted": "auto-generated"},
    )


def _text(texts: dict[str, str], link: str, agreed: str) -> str:
    parts = [texts["hello"], texts["asked"], f"{texts['press']}:\n{link}"]
    if agreed:
        parts.append(f"{texts['agreed']}\n{agreed}")
    return "\n\n".join([*parts, texts["otherwise"]]) + "\n"


def _html(locale: str, texts: dict[str, str], link: str, agreed: str, shop: str) -> str:
    t = {key: escape(text) for key, text in texts.items()}
    url = escape(link)
    quiet = "color:#5b5750;font-size:14px;line-height:1.5"
    consent = f'<p style="{quiet}">{t["agreed"]}<br>{escape(agreed)}</p>' if agreed else ""
    return (
        f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{t['subject']}</title></head>"
        '<body style="margin:0;background:#f4f2ee;font-family:system-ui,Arial,sans-serif;'
        'color:#23211d;font-size:16px;line-height:1.55">'
        '<div style="max-width:520px;margin:0 auto;padding:32px 16px">'
        f'<p style="font-weight:600;margin:0 0 16px;padding:0 4px">{escape(shop)}</p>'
        '<div style="background:#fff;border-radius:12px;padding:32px 28px">'
        f'<p style="margin-top:0">{t["hello"]}</p>'
        f'<p style="overflow-wrap:anywhere">{t["asked"]}</p>'
        f'<p style="margin:28px 0"><a href="{url}" style="background:#1f5f4a;color:#fff;'
        "padding:14px 24px;border-radius:8px;text-decoration:none;font-weight:600;"
        f'display:inline-block">{t["press"]}</a></p>'
        f'{consent}<p style="{quiet};margin-bottom:0">{t["otherwise"]}</p>'
        f'</div><p style="{quiet};font-size:13px;padding:0 4px">{t["paste"]}<br>'
        f'<a href="{url}" style="color:#5b5750;word-break:break-all">{url}</a></p>'
        "</div></body></html>"
    )
