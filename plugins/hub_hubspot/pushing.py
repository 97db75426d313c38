"""Telling HubSpot of changed people: contacts are made or changed by their address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.sdk.client import Answered
from hub.sdk.connector import Context
from hub.sdk.identifiers import clean_email
from hub.sdk.push import Change, Pushed
from hub_hubspot import api

MOST = 100  # contacts in one call
# trait -> property; others would need a property that nobody made at HubSpot
WRITABLE = {
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "phone",
    "city": "city",
    "country": "country",
    "company": "company",
    "language": "hs_language",
}


async def push(ctx: Context, changes: Sequence[Change]) -> list[Pushed]:
    """One result per change. Several changes of one address are told as one, the newest last."""
    wanted: dict[str, dict[str, str]] = {}
    for change in sorted(changes, key=lambda one: one.at):
        if (email := _email(change)) and (held := _held(change)):
            wanted.setdefault(email, {}).update(held)
    ids: dict[str, str] = {}
    refusals: dict[str, str] = {}
    for batch in _batches(list(wanted)):
        try:
            ids |= await _upsert(ctx, {email: wanted[email] for email in batch})
        except Answered as refused:
            if len(batch) == 1:
                refusals[batch[0]] = str(refused)
                continue
            await _one_by_one(ctx, {email: wanted[email] for email in batch}, ids, refusals)
    return [_result(change, ids, refusals) for change in changes]


async def _one_by_one(
    ctx: Context,
    wanted: dict[str, dict[str, str]],
    ids: dict[str, str],
    refusals: dict[str, str],
) -> None:
    """One contact that HubSpot refuses makes it refuse the whole batch: find that one."""
    for email, held in wanted.items():
        try:
            ids |= await _upsert(ctx, {email: held})
        except Answered as refused:
            refusals[email] = str(refused)


async def _upsert(ctx: Context, wanted: dict[str, dict[str, str]]) -> dict[str, str]:
    inputs = [
        {"idProperty": "email", "id": email, "properties": {**held, "email": email}}
        for email, held in wanted.items()
    ]
    data = await api.post(ctx, f"{api.CONTACTS}/batch/upsert", {"inputs": inputs})
    rows = data.get("results")
    found: dict[str, str] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("properties"), dict):
            found[clean_email(row["properties"].get("email"))] = str(row.get("id", ""))
    return found


def _result(change: Change, ids: dict[str, str], refusals: dict[str, str]) -> Pushed:
    email = _email(change)
    if not email:
        return Pushed(change.key, "refused", reason="Without an e-mail address nobody is found.")
    if email in refusals:
        return Pushed(change.key, "refused", reason=refusals[email])
    unsaid = sorted(set(change.traits) - set(WRITABLE))
    unsaid += ["consents"] if change.consents else []
    unsaid += ["audiences"] if change.audiences else []
    if unsaid:
        reason = f"HubSpot has no place for: {', '.join(unsaid)}. The rest was told."
        return Pushed(change.key, "refused", ids.get(email, ""), reason)
    if change.traits and email not in ids:
        return Pushed(change.key, "unknown", reason="HubSpot's answer does not name the contact.")
    return Pushed(change.key, "done", ids.get(email, ""))


def _email(change: Change) -> str:
    found = [clean_email(name.value) for name in sorted(change.who) if name.type == "email"]
    return next((email for email in found if email), "")


def _held(change: Change) -> dict[str, str]:
    return {
        WRITABLE[name]: _value(value) for name, value in change.traits.items() if name in WRITABLE
    }


def _value(value: str | float | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _batches(emails: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(emails), MOST):
        yield emails[start : start + MOST]
