"""One canonical name per kind of event, whatever the shop's old system called it."""

from __future__ import annotations

# left: GA4, Shopify pixel, Spotler; right: the name of the Segment e-commerce specification
ALIASES = {
    "view_item": "Product Viewed",
    "product_viewed": "Product Viewed",
    "ViewContent": "Product Viewed",
    "view_item_list": "Product List Viewed",
    "collection_viewed": "Product List Viewed",
    "ViewCategory": "Product List Viewed",
    "select_item": "Product Clicked",
    "add_to_cart": "Product Added",
    "product_added_to_cart": "Product Added",
    "AddToCart": "Product Added",
    "remove_from_cart": "Product Removed",
    "product_removed_from_cart": "Product Removed",
    "RemoveFromCart": "Product Removed",
    "view_cart": "Cart Viewed",
    "cart_viewed": "Cart Viewed",
    "begin_checkout": "Checkout Started",
    "checkout_started": "Checkout Started",
    "InitiateCheckout": "Checkout Started",
    "purchase": "Order Completed",
    "checkout_completed": "Order Completed",
    "Purchase": "Order Completed",
    "search": "Products Searched",
    "search_submitted": "Products Searched",
    "Search": "Products Searched",
    "page_view": "Page Viewed",
    "page_viewed": "Page Viewed",
    "PageView": "Page Viewed",
}


def canonical(name: str) -> str:
    """The name under which the hub keeps this event."""
    text = name.strip()
    return ALIASES.get(text, text)
