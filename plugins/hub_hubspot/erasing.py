"""Erasing a person at HubSpot, with its call for the GDPR.

That call takes an address too, but then puts addresses that it does not know on a list of
addresses that can never be used again. So people are looked up first and erased by id.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.sdk.client import Answered
from hub.sdk.connector import Context
from hub.sdk.identifiers import clean_email
from hub.sdk.push import Erased
from hub.sdk.records import Identifier
from hub_hubspot import api, mapping
from hub_hubspot.api import Raw

_ASKED = ("email", "hs_additional_emails")


async def erase(ctx: Context, identifiers: Sequence[Identifier]) -> Erased:
    """Erase every contact that has one of these addresses or ids, in the recycle bin too."""
    emails = {found for name in identifiers if name.type == "email"
              if (found := clean_email(name.value))}  # fmt: skip
    numbers = {name.value for name in identifiers
               if name.type == "customer" and name.namespace == ctx.shop
               and name.value.isascii() and name.value.isdigit()}  # fmt: skip
    if not emails and not numbers:
        return Erased("nothing")
    live = await _live(ctx, sorted(emails), sorted(numbers))
    binned = await _binned(ctx, emails, numbers) - live
    if not live and not binned:
        return Erased("nothing")
    left = [number for number in sorted(live, key=int) if not await _purge(ctx, number, gone=404)]
    left += [number for number in sorted(binned, key=int) if not await _purge(ctx, number)]
    done = ",".join(sorted((live | binned) - set(left), key=int))
    if left:
        note = (
            f"HubSpot refused to erase the contacts {', '.join(left)}. In HubSpot: Contacts > "
            "Actions > Restore records, restore them, then delete them permanently."
        )
        return Erased("manual", reference=done, note=note)
    return Erased("done", reference=done)


async def _live(ctx: Context, emails: list[str], numbers: list[str]) -> set[str]:
    """Contacts by id and address, read at once and not from the index of the search; and by
    a further address, which only the search knows."""
    found: set[str] = set()
    for values, by in ((numbers, ""), (emails, "email")):
        for value in values:
            body: Raw = {"inputs": [{"id": value}], "properties": list(_ASKED)}
            data = await api.post(
                ctx, f"{api.CONTACTS}/batch/read", body | ({"idProperty": by} if by else {})
            )
            rows = data.get("results")
            for row in rows if isinstance(rows, list) else []:
                if not by or value in mapping.emails(row):
                    found.add(mapping.row_id(row))
    for email in emails:
        asked = {"propertyName": "hs_additional_emails", "operator": "CONTAINS_TOKEN"}
        query: Raw = {"filterGroups": [{"filters": [asked | {"value": email}]}]}
        query |= {"properties": list(_ASKED), "limit": api.MOST_LISTED}
        after, rows = "", []
        while True:
            rows, after = await api.search(ctx, "contacts", query | _place(after))
            # a token is less than an address, and * in it stands for anything
            found |= {mapping.row_id(row) for row in rows if email in mapping.emails(row)}
            if not after:
                break
    return found


def _place(after: str) -> Raw:
    return {"after": after} if after else {}


async def _binned(ctx: Context, emails: set[str], numbers: set[str]) -> set[str]:
    found: set[str] = set()
    after = ""
    while True:
        rows, after = await api.archived(ctx, "contacts", _ASKED, after, api.MOST_LISTED)
        for row in rows:
            number = mapping.row_id(row)
            if number in numbers or mapping.emails(row) & emails:
                found.add(number)
        if not after:
            return found


async def _purge(ctx: Context, number: str, gone: int = 0) -> bool:
    """Whether the contact is erased. `gone`: the status that says so too, when the call is asked
    again after a lost answer; of the recycle bin it may only mean that the call is not for it."""
    try:
        await api.call(ctx, "POST", f"{api.CONTACTS}/gdpr-delete", json={"objectId": number})
    except Answered as refused:
        return refused.status == gone
    return True
