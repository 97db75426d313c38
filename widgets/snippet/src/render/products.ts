import type { Decision, Product, Stage } from "../types";
import { el, safe } from "./dom";

const none = /^(BIF|CLP|DJF|GNF|ISK|JPY|KMF|KRW|PYG|RWF|UGX|UYI|VND|VUV|X[AOP]F)$/;
const three = /^(BHD|IQD|JOD|KWD|LYD|OMR|TND)$/;

/** Minor units as a price; browsers' own digits differ from ISO 4217 for some currencies. */
export function price(amount: unknown, currency: string | undefined, locale: string): string {
  if (typeof amount !== "number" || !currency) return "";
  const digits = none.test(currency) ? 0 : three.test(currency) ? 3 : 2;
  const value = amount / 10 ** digits;
  const style = { style: "currency", currency } as const;
  try {
    return new Intl.NumberFormat(locale, style).format(value);
  } catch {
    return value.toFixed(digits) + " " + currency;
  }
}

function card(d: Decision, p: Product, stage: Stage): HTMLElement | undefined {
  const href = safe(p.url);
  if (!p.title || !href) return;
  const src = safe(p.image_url);
  const now = price(p.price, p.currency, stage.locale);
  const before = p.list_price! > p.price! && price(p.list_price, p.currency, stage.locale);
  const image = src ? el("img", { src, alt: "", loading: "lazy", decoding: "async" }) : null;
  if (image) image.onerror = () => image.remove();
  const a = el(
    "a",
    { href, class: "card" },
    el("div", { class: "i" }, image),
    el("div", { class: "g" }, p.title),
    now && el("div", {}, el("b", { class: before ? "less" : "" }, now), before && " ", before && el("s", {}, before)),
  );
  a.onclick = () => stage.say(d, "Promotion Clicked", { product_id: p.product_id });
  return el("li", {}, a);
}

/** A row of products that scrolls sideways when it is wider than its place. */
export function products(d: Decision, stage: Stage): HTMLElement | undefined {
  const all = Array.isArray(d.products) ? d.products : [];
  const cards = all.map((p) => card(d, p, stage)).filter(Boolean) as HTMLElement[];
  if (!cards.length) return;
  return el(
    "section",
    { class: "r", "aria-label": d.content.title },
    d.content.title && el("h2", {}, d.content.title),
    el("ul", { role: "list" }, ...cards),
  );
}
