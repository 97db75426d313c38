// Regulars, as a custom pixel: Settings > Customer events > Add custom pixel.
// Permission "Not required" (this code waits for consent itself), data sale "does not qualify as
// data sale". It tells your own hub of baskets, checkouts and orders, also from the checkout, where
// no theme runs. It sees no page: Shopify runs it in a sandbox, so it knows the browser by the token
// that the theme's snippet keeps (localStorage rgl_t), or makes one once the visitor has agreed.
// Nothing is sent before that.
const HUB = '__HUB_ORIGIN__';
const KEY = '__HUB_KEY__';
// The theme tells of pages, products, lists and searches. Without our snippet in it: true.
const ALONE = false;

const TOKEN = 'rgl_t';
const CHOICE = 'rgl_c';
let allowed = choice(init.customerPrivacy);
let waiting = [];
let line = Promise.resolve();

/** Statistics 1, personal offers 2. */
function choice(privacy) {
  const may = privacy || {};
  return (may.analyticsProcessingAllowed === true ? 1 : 0) + (may.preferencesProcessingAllowed === true ? 2 : 0);
}

async function post(path, body, waits) {
  try {
    const answer = await fetch(HUB + path, {
      method: 'POST',
      keepalive: true,
      credentials: 'omit',
      // Text, so that the browser asks no permission beforehand.
      headers: { 'Content-Type': 'text/plain' },
      body: JSON.stringify({ writeKey: KEY, ...body }),
    });
    if ((answer.status === 429 || answer.status > 499) && waits.length) throw new Error(answer.status);
    return await answer.json().catch(() => ({}));
  } catch (error) {
    if (!waits.length) return {};
    await new Promise((done) => setTimeout(done, waits[0]));
    return post(path, body, waits.slice(1));
  }
}

/** The token of this browser; a new one only while something is allowed. */
async function token() {
  const kept = await browser.localStorage.getItem(TOKEN);
  if (kept || !allowed) return kept;
  const now = allowed;
  const purposes = { analytics: !!(now & 1), personalisation: !!(now & 2) };
  const given = (await post('/v1/device', { consent: { purposes, source: 'shopify' } }, [1000, 4000])).token;
  if (!given) return null;
  const other = await browser.localStorage.getItem(TOKEN);
  if (other || !allowed) {
    // The theme was faster, or the visitor changed her mind: this one is given back.
    await post('/v1/consent', { token: given, purposes: { analytics: false, personalisation: false }, source: 'shopify' }, [1000]);
    return other;
  }
  await browser.localStorage.setItem(TOKEN, given);
  await browser.localStorage.setItem(CHOICE, String(now));
  return given;
}

async function send() {
  if (!(allowed & 1) || !waiting.length) return;
  const mine = await token();
  if (!mine || !(allowed & 1)) return;
  const batch = waiting.splice(0, 20);
  await post('/v1/batch', { token: mine, sentAt: new Date().toISOString(), batch }, [1000, 4000, 15000]);
  await send();
}

/** One after another, so that two events never make two tokens. */
function later(run) {
  line = line.then(run).catch(() => {});
  return line;
}

function tell(event, name, properties) {
  const page = (event.context && event.context.document) || {};
  const place = page.location || {};
  waiting.push({
    type: name ? 'track' : 'page',
    event: name || undefined,
    // Shopify's own id of the event: told twice, it counts once.
    messageId: 'shopify-' + event.id,
    originalTimestamp: event.timestamp,
    properties,
    context: {
      page: { url: place.href, path: place.pathname, search: place.search, title: page.title, referrer: page.referrer },
      locale: event.context && event.context.navigator && event.context.navigator.language,
    },
  });
  if (waiting.length > 100) waiting.shift();
  later(send);
}

/** The last part of "gid://shopify/Product/123", or the id as it is. */
const id = (value) => (value == null ? undefined : String(value).split('/').pop().split('?')[0]);
const amount = (money) => (money && money.amount != null ? Number(money.amount) : undefined);
const currency = (money) => (money ? money.currencyCode : undefined);

function variant(given, quantity) {
  const v = given || {};
  const p = v.product || {};
  return {
    product_id: id(p.id),
    variant: id(v.id),
    sku: v.sku || undefined,
    name: p.title,
    brand: p.vendor,
    category: p.type || undefined,
    price: amount(v.price),
    currency: currency(v.price),
    image_url: v.image ? v.image.src : undefined,
    quantity,
  };
}

const cartLine = (cost) => ({ ...variant(cost.merchandise, cost.quantity) });

function checkout(given) {
  const c = given || {};
  const order = c.order || {};
  return {
    checkout_id: c.token,
    checkout_token: c.token,
    order_id: id(order.id),
    total: amount(c.totalPrice),
    subtotal: amount(c.subtotalPrice),
    shipping: c.shippingLine ? amount(c.shippingLine.price) : undefined,
    tax: amount(c.totalTax),
    coupon: (c.discountApplications || []).map((d) => d.title).filter(Boolean).join(', ') || undefined,
    currency: c.currencyCode,
    products: (c.lineItems || []).map((item) => variant(item.variant, item.quantity)),
  };
}

const EVENTS = {
  product_added_to_cart: (d) => ['Product Added', cartLine(d.cartLine || {})],
  product_removed_from_cart: (d) => ['Product Removed', cartLine(d.cartLine || {})],
  checkout_started: (d) => ['Checkout Started', checkout(d.checkout)],
  payment_info_submitted: (d) => ['Payment Info Entered', checkout(d.checkout)],
  checkout_completed: (d) => ['Order Completed', checkout(d.checkout)],
};
const PAGES = {
  page_viewed: () => ['', {}],
  product_viewed: (d) => ['Product Viewed', variant(d.productVariant)],
  collection_viewed: (d) => ['Product List Viewed', { list_id: id((d.collection || {}).id), category: (d.collection || {}).title }],
  search_submitted: (d) => ['Products Searched', { query: (d.searchResult || {}).query }],
  cart_viewed: (d) => ['Cart Viewed', { products: ((d.cart || {}).lines || []).map(cartLine) }],
};
const told = ALONE ? { ...PAGES, ...EVENTS } : EVENTS;
for (const name of Object.keys(told)) {
  analytics.subscribe(name, (event) => {
    const [as, properties] = told[name](event.data || {});
    tell(event, as, properties);
  });
}

api.customerPrivacy.subscribe('visitorConsentCollected', (event) => {
  allowed = choice(event.customerPrivacy);
  if (!(allowed & 1)) waiting = [];
  const now = allowed;
  later(async () => {
    const mine = await browser.localStorage.getItem(TOKEN);
    // On pages of the theme, its snippet hears the same and says it; here it is said where it has not.
    if (mine && (await browser.localStorage.getItem(CHOICE)) !== String(now)) {
      if (now) await browser.localStorage.setItem(CHOICE, String(now));
      else {
        await browser.localStorage.removeItem(TOKEN);
        await browser.localStorage.removeItem(CHOICE);
      }
      const purposes = { analytics: !!(now & 1), personalisation: !!(now & 2) };
      await post('/v1/consent', { token: mine, purposes, source: 'shopify' }, [1000, 4000]);
    }
    await send();
  });
});
