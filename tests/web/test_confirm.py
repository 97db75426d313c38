"""The pages behind the links of a mail, and what a stranger, a scanner or a forger gets of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.flows.unsubscribe import make_unsubscribe_link, unsubscribe_headers
from hub.flows.workspace import load_workspace
from hub.store.models import Workspace
from tests.mailbox import ANNA, Post, open_post
from tests.shop import Shop


@pytest.fixture
async def post(lite: Shop) -> AsyncIterator[Post]:
    async with open_post(lite) as opened:
        yield opened


def farewell(post: Post, email: str = ANNA, locale: str = "en") -> str:
    link = make_unsubscribe_link(
        post.shop.hub,
        email=email,
        purpose="marketing",
        source_id=post.shop.sources["browser"].id,
        locale=locale,
    )
    return httpx.URL(link).path


async def states(post: Post) -> list[str]:
    return [row[0] for row in await post.ledger()]


async def test_a_scanner_that_looks_confirms_nothing(post: Post) -> None:
    path = f"/confirm/{await post.asked()}"
    for _ in range(3):
        assert (await post.browser.get(path)).status_code == 200
        head = await post.browser.head(path)
        assert (head.status_code, head.content) == (200, b"")
    assert await states(post) == ["requested"]
    page = (await post.browser.get(path)).text
    assert '<form method="post">' in page
    assert "a•••@example.com" in page
    assert ANNA not in page
    assert "I agree to &lt;b&gt;two&lt;/b&gt; letters a month." in page


async def test_pressing_confirms_once(post: Post) -> None:
    path = f"/confirm/{await post.asked()}"
    assert "Thank you" in (await post.browser.post(path)).text
    again = await post.browser.post(path)
    assert (again.status_code, "used before" in again.text) == (410, True)
    assert (await post.browser.get(path)).status_code == 410
    assert await states(post) == ["requested", "granted"]


async def test_a_used_link_does_not_undo_a_withdrawal(post: Post) -> None:
    path = f"/confirm/{await post.asked()}"
    await post.browser.post(path)
    post.shop.later(minutes=1)
    await post.browser.post(farewell(post))
    assert (await post.browser.post(path)).status_code == 410
    assert await states(post) == ["requested", "granted", "withdrawn"]


async def test_a_week_later_the_link_is_too_old(post: Post) -> None:
    path = f"/confirm/{await post.asked()}"
    post.shop.later(days=7, seconds=1)
    for answer in (await post.browser.get(path), await post.browser.post(path)):
        assert answer.status_code == 410
        assert "once more" in answer.text
    assert await states(post) == ["requested"]


async def test_a_forged_link_confirms_nothing(post: Post) -> None:
    token = await post.asked()
    signer = post.shop.hub.signer
    body, _, mac = token.partition(".")
    other_purpose = signer.seal("unsubscribe", {"seq": 1, "exp": 2**60, "jti": "x", "loc": "en"})
    forged = [
        "x", "x.y", token[:-1], token + "x", f"{body}.{mac[::-1]}", f"{body[:-2]}AA.{mac}",
        other_purpose, await post.shop.device(), "%00", "é.é", "a" * 5000,
    ]  # fmt: skip
    for text in forged:
        for answer in (
            await post.browser.get(f"/confirm/{text}"),
            await post.browser.post(f"/confirm/{text}"),
        ):
            assert answer.status_code == 400, text
            assert "does not work" in answer.text
    assert "granted" not in [s for s, _, channel, *_ in await post.ledger() if channel == "email"]


async def test_a_link_never_names_the_address(post: Post) -> None:
    """Links end in server logs, and the way back in the shop's address bar."""
    token = await post.asked()
    answer = await post.browser.post(f"/confirm/{token}")
    for sealed in (token, answer.text.partition("rgl_k=")[2].partition('"')[0]):
        claims = post.shop.hub.signer.open("confirm", sealed) or post.shop.hub.signer.open(
            "link", sealed
        )
        assert claims is not None
        assert "anna" not in str(claims)


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/",
        "https://shop.example@evil.example/",
        "https://shop.example.evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "http://shop.example/",
        "http://[",
        "https://shop.example\\@evil.example/",
        "",
    ],
)
async def test_the_way_back_is_the_shop_itself(post: Post, page: str) -> None:
    answer = await post.browser.post(f"/confirm/{await post.asked(page=page)}")
    assert answer.status_code == 200
    back = answer.text.partition('class="button" href="')[2].partition('"')[0]
    assert back.startswith("https://shop.example?rgl_k=")


async def test_the_way_back_keeps_the_page_as_it_was(post: Post) -> None:
    page = "https://shop.example/a?x=&rgl_k=old&q=1#top"
    answer = await post.browser.post(f"/confirm/{await post.asked(page=page)}")
    back = answer.text.partition('class="button" href="')[2].partition('"')[0]
    assert back.startswith("https://shop.example/a?x=&amp;q=1&amp;rgl_k=")
    assert back.endswith("#top")
    assert "old" not in back


async def test_what_could_not_be_stored_can_be_pressed_again(post: Post) -> None:
    path = f"/confirm/{await post.asked()}"
    writer = post.shop.hub.writer
    writer._closing = True
    refused = await post.browser.post(path)
    assert (refused.status_code, "a few minutes" in refused.text) == (503, True)
    writer._closing = False
    assert (await post.browser.post(path)).status_code == 200
    assert await states(post) == ["requested", "granted"]


async def test_no_page_leaks_or_loads_anything(post: Post) -> None:
    token = await post.asked()
    answers = [
        await post.browser.get(f"/confirm/{token}"),
        await post.browser.post(f"/confirm/{token}"),
        await post.browser.get(f"/confirm/{token}"),
        await post.browser.get("/confirm/x"),
        await post.browser.get(farewell(post)),
        await post.browser.post(farewell(post)),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "set-cookie" not in answer.headers
        assert "<script" not in answer.text
        assert " style=" not in answer.text
    css = await post.browser.get("/confirm-static/confirm.css")
    assert css.headers["content-type"].startswith("text/css")
    assert "url(" not in css.text
    assert "@import" not in css.text


@pytest.mark.parametrize(
    ("locale", "browser", "word"),
    [
        ("nl", "de", "Ja, stuur mij nieuws"),
        ("de-AT", "nl", "Ja, senden Sie mir"),
        ("fr", "", "Yes, send me news"),
    ],
)
async def test_the_page_speaks_the_language_of_the_mail(
    post: Post, locale: str, browser: str, word: str
) -> None:
    token = await post.asked(locale=locale)
    headers = {"Accept-Language": browser}
    page = await post.browser.get(f"/confirm/{token}", headers=headers)
    assert word in page.text
    language = page.text.partition('<html lang="')[2][:2]
    await post.browser.post(f"/confirm/{token}", headers=headers)
    used = await post.browser.get(f"/confirm/{token}", headers=headers)
    assert (used.status_code, f'<html lang="{language}">' in used.text) == (410, True)
    forged = await post.browser.get("/confirm/x", headers={"Accept-Language": "de-AT,nl;q=0.5"})
    assert '<html lang="de">' in forged.text


async def test_the_name_of_the_shop_is_text(post: Post) -> None:
    await Workspace.filter(id=1).update(name="<i>{address}</i>")
    await load_workspace(post.shop.hub)
    page = await post.browser.get(f"/confirm/{await post.asked()}")
    assert "<i>" not in page.text
    assert "&lt;i&gt;{address}&lt;/i&gt;" in page.text
    assert "<i>" not in post.inbox.mails[0].html


async def test_one_click_unsubscribes_without_a_cookie(post: Post) -> None:
    await post.browser.post(f"/confirm/{await post.asked()}")
    post.shop.later(minutes=1)
    headers = unsubscribe_headers(f"http://hub.example{farewell(post)}")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = headers["List-Unsubscribe"].strip("<>")
    assert (await post.browser.get(url)).status_code == 200
    assert await states(post) == ["requested", "granted"]
    form = {"List-Unsubscribe": "One-Click"}
    for _ in range(3):  # mail programs repeat themselves; the ledger does not
        answer = await post.browser.post(url, data=form)
        assert answer.status_code == 200
        assert ANNA not in answer.text
    assert await states(post) == ["requested", "granted", "withdrawn"]
    post.shop.later(days=800)
    assert (await post.browser.post(url, data=form)).status_code == 200


async def test_a_forged_farewell_changes_nothing(post: Post) -> None:
    token = await post.asked()
    for text in (token, "x", farewell(post).rpartition("/")[2][:-1]):
        assert (await post.browser.post(f"/unsubscribe/{text}")).status_code == 400
        assert (await post.browser.get(f"/unsubscribe/{text}")).status_code == 400
    assert await states(post) == ["requested"]
