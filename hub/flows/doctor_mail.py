"""Mail: whether the server lets us in, and whether others will believe what we send."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator

import aiosmtplib

from hub.flows.doctor_net import SECONDS, Net, NoAnswer
from hub.flows.health import Check
from hub.settings import Smtp

# Names under which senders commonly publish their DKIM key.
SELECTORS = (
    "default",
    "mail",
    "dkim",
    "smtp",
    "mx",
    "s1",
    "s2",
    "k1",
    "k2",
    "k3",
    "selector1",
    "selector2",
    "google",
    "mailjet",
    "mandrill",
    "pm",
    "brevo",
    "sib",
    "zoho",
    "protonmail",
    "fm1",
    "sig1",
    "key1",
    "x",
    "202501",
    "2025",
    "2026",
)


async def check_mail(smtp: Smtp, net: Net, selector: str = "") -> AsyncIterator[Check]:
    """Server and sender domain."""
    if not smtp.host:
        yield Check(
            "mail",
            "look",
            "no mail server is named",
            "Name it with hub setup --domain ... --smtp smtp://user:password@mail.shop.example:587.",
        )
        return
    yield await _server(smtp)
    domain = smtp.sender.rpartition("@")[2].rstrip(">")
    if "." not in domain:
        yield Check(
            "sender",
            "bad",
            f"'{smtp.sender}' is no address",
            "Set sender below [smtp] in hub.toml, like shop@shop.example.",
        )
        return
    try:
        for check in (
            await _bounces(domain, net),
            await _spf(domain, net),
            await _dkim(domain, net, selector),
            await _dmarc(domain, net),
        ):
            yield check
    except NoAnswer as error:
        yield Check("mail DNS", "look", str(error), "Check this machine's way to the internet.")


async def _server(smtp: Smtp) -> Check:
    place = f"{smtp.host}:{smtp.port}"
    client = aiosmtplib.SMTP(
        hostname=smtp.host,
        port=smtp.port,
        timeout=SECONDS,
        use_tls=smtp.security == "tls",
        start_tls=smtp.security == "starttls",
    )
    try:
        await client.connect()
        if smtp.user:
            await client.login(smtp.user, smtp.password)
        await client.quit()
    except aiosmtplib.SMTPAuthenticationError:
        return Check(
            "mail server",
            "bad",
            f"{place} refuses user or password",
            "Correct user and password below [smtp] in hub.toml.",
        )
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
        return Check(
            "mail server",
            "bad",
            f"{place}: {error}",
            "Compare host, port and security below [smtp] with what its provider says.",
        )
    finally:
        client.close()
    if smtp.security == "none" and smtp.host not in ("localhost", "127.0.0.1", "::1"):
        return Check(
            "mail server",
            "look",
            f"{place} without encryption",
            'Set security = "starttls" below [smtp].',
        )
    return Check("mail server", "good", f"{place} lets us in")


async def _bounces(domain: str, net: Net) -> Check:
    servers = await net.records(domain, "MX")
    if not servers:
        return Check(
            "MX",
            "bad",
            f"{domain} takes no mail: answers and bounces are lost",
            f"Send from a domain with a mailbox, or make an MX record for {domain}.",
        )
    return Check("MX", "good", ", ".join(sorted(servers)[:3]))


async def _spf(domain: str, net: Net) -> Check:
    found = [t for t in await net.records(domain, "TXT") if t.lower().startswith("v=spf1")]
    if not found:
        return Check(
            "SPF",
            "bad",
            f"{domain} does not say who sends its mail",
            "Make the TXT record v=spf1 ... that your mail provider names.",
        )
    if len(found) > 1:
        return Check(
            "SPF",
            "bad",
            f"{len(found)} records, so none counts",
            "Join them to one TXT record that begins with v=spf1.",
        )
    if found[0].rstrip().endswith("+all"):
        return Check("SPF", "bad", "anybody may send", "End the record with -all or ~all.")
    return Check("SPF", "good", found[0][:80])


async def _dkim(domain: str, net: Net, selector: str) -> Check:
    names = (selector,) if selector else SELECTORS
    places = [f"{name}._domainkey.{domain}" for name in names]
    answers = await asyncio.gather(*(net.records(place, "TXT") for place in places))
    for name, texts in zip(names, answers, strict=True):
        if any(_holds_key(text) for text in texts):
            return Check("DKIM", "good", f"selector {name}")
    if selector:
        return Check(
            "DKIM",
            "bad",
            f"no key under {selector}._domainkey.{domain}",
            "Publish the TXT record that your mail provider names.",
        )
    return Check(
        "DKIM",
        "look",
        "no key under the usual names",
        "Ask your mail provider for the selector and add --dkim SELECTOR.",
    )


def _holds_key(text: str) -> bool:
    """A key that was withdrawn is a record with an empty p."""
    return re.search(r"(?:^|;)\s*p=\s*[^;\s]", text) is not None


async def _dmarc(domain: str, net: Net) -> Check:
    labels = domain.split(".")
    for name in (domain, ".".join(labels[-2:])):
        for text in await net.records(f"_dmarc.{name}", "TXT"):
            if text.lower().replace(" ", "").startswith("v=dmarc1"):
                return Check("DMARC", "good", text[:80])
    return Check(
        "DMARC",
        "look",
        f"{domain} has no policy",
        f'Make the TXT record "v=DMARC1; p=none; rua=mailto:..." at _dmarc.{domain}.',
    )
