"""The lines for shops that edit their own pages."""

from __future__ import annotations

from hub.recipes.downloads import Site, host_of

QUEUE = (
    "<script>window.regulars=window.regulars||"
    "function(){(regulars.q=regulars.q||[]).push(arguments)}</script>"
)
SLOT = '<div data-regulars-slot="home-top" data-regulars-height="96 180"></div>'
RENDER = "{% render 'regulars' %}"
CALLS = """regulars('product', {product_id: '42', name: 'Mug', price: 12.5, currency: 'EUR'})
regulars('track', 'Product Added', {product_id: '42', quantity: 1})
regulars('track', 'Checkout Started', {value: 25, currency: 'EUR',
  products: [{product_id: '42', quantity: 2}]})
regulars('track', 'Order Completed', {order_id: '1001', total: 25, currency: 'EUR',
  products: [{product_id: '42', quantity: 2}]})"""


def head_lines(site: Site) -> str:
    """A queue for early calls, and the snippet, which blocks nothing."""
    tag = f'<script async crossorigin src="{site.origin}/s.js" data-key="{site.key}"></script>'
    return f"{QUEUE}\n{tag}"


def pinned_line(site: Site, name: str, integrity: str) -> str:
    """The snippet in one version only, which the browser checks."""
    return (
        f'<script async crossorigin integrity="{integrity}" src="{site.origin}/{name}" '
        f'data-key="{site.key}"></script>'
    )


def policy(site: Site) -> str:
    """What a content security policy must allow."""
    host = host_of(site.origin)
    return f"script-src {host};\nconnect-src {host};"
