"""One canonical name per kind of event, whatever the shop's old system called it."""

from __future__ import annotations

# left: GA4, Shopify pixel, Spotler, Klaviyo; right: the name in the Segment specification
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
    "Active on Site": "Page Viewed",
    "view_search_results": "Products Searched",
    "Viewed Product": "Product Viewed",
    "Added to Cart": "Product Added",
    "Started Checkout": "Checkout Started",
    "add_shipping_info": "Checkout Step Completed",
    "checkout_shipping_info_submitted": "Checkout Step Completed",
    "PrePurchase": "Checkout Step Completed",
    "add_payment_info": "Payment Info Entered",
    "payment_info_submitted": "Payment Info Entered",
    "Placed Order": "Order Completed",
    "refund": "Order Refunded",
    "Refunded Order": "Order Refunded",
    "Cancelled Order": "Order Cancelled",
    "view_promotion": "Promotion Viewed",
    "PersonalizationView": "Promotion Viewed",
    "select_promotion": "Promotion Clicked",
    "PersonalizationClick": "Promotion Clicked",
    "add_to_wishlist": "Product Added to Wishlist",
    "share": "Product Shared",
}


def canonical(name: str) -> str:
    """The name under which the hub keeps this event."""
    text = name.strip()
    return ALIASES.get(text, text)
