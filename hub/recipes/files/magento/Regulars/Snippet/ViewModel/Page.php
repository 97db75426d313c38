<?php
declare(strict_types=1);

namespace Regulars\Snippet\ViewModel;

use Magento\Catalog\Helper\Data as Catalog;
use Magento\Checkout\Model\Session;
use Magento\Customer\Model\Session as CustomerSession;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\Request\Http;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\View\Element\Block\ArgumentInterface;
use Magento\Framework\View\LayoutInterface;
use Magento\Store\Model\ScopeInterface;
use Magento\Store\Model\StoreManagerInterface;

/** What the snippet is told of the page that is being drawn. */
class Page implements ArgumentInterface
{
    private const SAFE = JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT;

    private ScopeConfigInterface $config;
    private Http $request;
    private Catalog $catalog;
    private StoreManagerInterface $stores;
    private Session $checkout;
    private CustomerSession $customer;
    private LayoutInterface $layout;
    private EncryptorInterface $encryptor;

    public function __construct(
        ScopeConfigInterface $config,
        Http $request,
        Catalog $catalog,
        StoreManagerInterface $stores,
        Session $checkout,
        CustomerSession $customer,
        LayoutInterface $layout,
        EncryptorInterface $encryptor
    ) {
        $this->config = $config;
        $this->request = $request;
        $this->catalog = $catalog;
        $this->stores = $stores;
        $this->checkout = $checkout;
        $this->customer = $customer;
        $this->layout = $layout;
        $this->encryptor = $encryptor;
    }

    public function isReady(): bool
    {
        return $this->setting('origin') !== '' && $this->setting('key') !== '';
    }

    /** @return array<string, string> */
    public function getAttributes(): array
    {
        $tag = [
            'src' => rtrim($this->setting('origin'), '/') . '/s.js',
            'async' => 'async',
            'crossorigin' => 'anonymous',
            'data-key' => $this->setting('key'),
        ];
        $consent = $this->setting('consent');
        if (!in_array($consent, ['', 'hub'], true)) {
            $tag['data-consent'] = $consent;
        }

        return $tag;
    }

    /** The queue, the call of this page, and the forms that put things into the basket. */
    public function getInline(): string
    {
        $text = 'window.regulars=window.regulars||function(){(regulars.q=regulars.q||[]).push(arguments)};';
        $token = $this->token();
        $calls = [$token === '' ? [] : ['identify', ['token' => $token]], $this->call()];
        foreach (array_filter($calls) as $call) {
            $json = json_encode($call, self::SAFE);
            if ($json) {
                $text .= "\nregulars.apply(null," . $json . ');';
            }
        }

        return $text . <<<'JS'

document.addEventListener('submit', function (e) {
  var form = e.target, product = form.querySelector('input[name="product"]'), n = form.querySelector('[name="qty"]');
  if (/\/checkout\/cart\/add/.test(form.getAttribute('action') || '') && product)
    regulars('track', 'Product Added', { product_id: product.value, quantity: Number(n && n.value) || 1 });
}, true);
JS;
    }

    /**
     * Proves to the hub who is signed in: for ten minutes, in one browser. Only on pages that no
     * cache keeps, such as the account, the basket and the checkout: all others are the same for
     * everybody.
     */
    private function token(): string
    {
        $secret = $this->encryptor->decrypt($this->setting('token_secret'));
        if ($secret === '' || $this->layout->isCacheable() || !$this->customer->isLoggedIn()) {
            return '';
        }
        $claims = json_encode([
            'sub' => (string) $this->customer->getCustomerId(),
            'aud' => $this->setting('key'),
            'exp' => time() + 600,
            'jti' => bin2hex(random_bytes(16)),
        ]);
        $text = $this->base64url('{"alg":"HS256","typ":"JWT"}') . '.' . $this->base64url((string) $claims);

        return $text . '.' . $this->base64url(hash_hmac('sha256', $text, $secret, true));
    }

    private function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }

    /** @return array<int, mixed> */
    private function call(): array
    {
        switch ($this->request->getFullActionName()) {
            case 'catalog_product_view':
                $product = $this->catalog->getProduct();
                return $product ? ['product', $this->product($product)] : [];
            case 'catalog_category_view':
                $category = $this->catalog->getCategory();
                return $category ? ['track', 'Product List Viewed', [
                    'list_id' => (string) $category->getId(),
                    'category' => (string) $category->getName(),
                ]] : [];
            case 'catalogsearch_result_index':
                return ['track', 'Products Searched', ['query' => (string) $this->request->getParam('q', '')]];
            case 'checkout_cart_index':
                return ['track', 'Cart Viewed', $this->basket()];
            case 'checkout_index_index':
                return ['track', 'Checkout Started', $this->basket()];
            case 'checkout_onepage_success':
                return $this->order();
            default:
                return [];
        }
    }

    /** @return array<string, mixed> */
    private function product($product): array
    {
        return $this->given([
            'product_id' => (string) $product->getId(),
            'sku' => $product->getSku(),
            'name' => $product->getName(),
            'price' => (float) $product->getFinalPrice(),
            'currency' => $this->currency(),
            'url' => $product->getProductUrl(),
        ]);
    }

    /** @return array<string, mixed> */
    private function basket(): array
    {
        $quote = $this->checkout->getQuote();
        $lines = [];
        foreach ($quote->getAllVisibleItems() as $item) {
            $lines[] = $this->line($item, (float) $item->getPrice(), (float) $item->getQty());
        }

        return [
            'value' => (float) $quote->getGrandTotal(),
            'currency' => (string) $quote->getQuoteCurrencyCode(),
            'products' => $lines,
        ];
    }

    /** @return array<int, mixed> */
    private function order(): array
    {
        $order = $this->checkout->getLastRealOrder();
        if (!$order || !$order->getId()) {
            return [];
        }
        $lines = [];
        foreach ($order->getAllVisibleItems() as $item) {
            $lines[] = $this->line($item, (float) $item->getPrice(), (float) $item->getQtyOrdered());
        }

        return ['track', 'Order Completed', $this->given([
            'order_id' => (string) $order->getId(),
            'order_number' => $order->getIncrementId(),
            'order_key' => $order->getProtectCode(),
            'total' => (float) $order->getGrandTotal(),
            'revenue' => (float) $order->getSubtotal() + (float) $order->getDiscountAmount(),
            'shipping' => (float) $order->getShippingAmount(),
            'tax' => (float) $order->getTaxAmount(),
            'discount' => abs((float) $order->getDiscountAmount()),
            'coupon' => $order->getCouponCode(),
            'currency' => $order->getOrderCurrencyCode(),
            'products' => $lines,
        ])];
    }

    /** @return array<string, mixed> */
    private function line($item, float $price, float $quantity): array
    {
        return $this->given([
            'product_id' => (string) $item->getProductId(),
            'sku' => $item->getSku(),
            'name' => $item->getName(),
            'price' => $price,
            'quantity' => $quantity == (int) $quantity ? (int) $quantity : $quantity,
        ]);
    }

    private function given(array $fields): array
    {
        return array_filter($fields, static fn ($value) => $value !== null && $value !== '');
    }

    private function currency(): string
    {
        return (string) $this->stores->getStore()->getCurrentCurrencyCode();
    }

    private function setting(string $name): string
    {
        return trim((string) $this->config->getValue('regulars/snippet/' . $name, ScopeInterface::SCOPE_STORE));
    }
}
