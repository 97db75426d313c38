/* What happens in the basket without a new page: WooCommerce's classic buttons and its blocks. */
(function () {
  "use strict";
  function tell(name, properties) {
    if (window.regulars && properties.product_id) window.regulars("track", name, properties);
  }

  /* Classic: jQuery events on the body, with the pressed button. */
  function fromButton($button, quantity) {
    if (!$button || !$button.data) return {};
    var id = $button.data("product_id");
    return {
      product_id: id == null ? "" : String(id),
      sku: String($button.data("product_sku") || "") || undefined,
      quantity: quantity ? Number($button.data("quantity")) || 1 : undefined,
    };
  }
  if (window.jQuery) {
    window.jQuery(document.body).on("added_to_cart", function (e, fragments, hash, $button) {
      tell("Product Added", fromButton($button, true));
    });
    window.jQuery(document.body).on("removed_from_cart", function (e, fragments, hash, $button) {
      tell("Product Removed", fromButton($button, false));
    });
  }

  /* Blocks: store events; amounts are in minor units. A variation names its parent. */
  function fromBlock(product, quantity) {
    if (!product) return {};
    var prices = product.prices || {};
    var digits = Number(prices.currency_minor_unit);
    var price = Number(prices.price) / Math.pow(10, isNaN(digits) ? 2 : digits);
    return {
      product_id: String(product.parent || product.id || ""),
      variant: product.parent ? String(product.id) : undefined,
      name: product.name,
      sku: product.sku || undefined,
      price: isNaN(price) ? undefined : price,
      currency: prices.currency_code,
      url: product.permalink,
      quantity: quantity,
    };
  }
  if (window.wp && window.wp.hooks) {
    var prefix = "experimental__woocommerce_blocks-cart-";
    window.wp.hooks.addAction(prefix + "add-item", "regulars", function (told) {
      tell("Product Added", fromBlock(told && told.product, (told && told.quantity) || 1));
    });
    window.wp.hooks.addAction(prefix + "remove-item", "regulars", function (told) {
      tell("Product Removed", fromBlock(told && told.product, told && told.quantity));
    });
  }
})();
