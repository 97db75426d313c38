import type { Fields } from "../types";

let shown: string | undefined;
let recent: string[] = [];

const meta = (name: string): string | undefined =>
  (document.querySelector(`meta[name="regulars:${name}"]`) || ({} as any)).content;

/** The product a page describes in its JSON-LD, if it describes exactly one. */
function described(): string | undefined {
  const ids: string[] = [];
  for (const tag of document.querySelectorAll('script[type="application/ld+json"]')) {
    try {
      const said = JSON.parse(tag.textContent!);
      for (const one of [].concat(said["@graph"] || said) as Fields[]) {
        const id = one.productID || one.sku;
        if (String(one["@type"]) === "Product" && id) ids.push(String(id));
      }
    } catch {
      // Not ours to repair.
    }
  }
  return ids.length === 1 ? ids[0] : undefined;
}

/** The product this page is about: said by the shop, else a meta tag, else JSON-LD. */
export const product = (): string | undefined => shown || meta("product") || described();

/** Remembers, in memory only, a product seen in this tab; newest first. */
export function saw(id: unknown): void {
  shown = String(id);
  recent = [shown, ...recent.filter((other) => other !== shown)].slice(0, 20);
}

/** A new page view of a single page app is about no product until the shop says so. */
export function moved(): void {
  shown = undefined;
}

export const locale = (): string => document.documentElement.lang || navigator.language;

export const page = (): Fields => ({
  url: location.href,
  path: location.pathname,
  search: location.search,
  title: document.title,
  referrer: document.referrer,
});

function kind(): string {
  if (!matchMedia("(pointer:coarse)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}

/** What a decision may know without consent: this page and this tab's memory. */
export function request(): Fields {
  const id = product();
  return {
    page: page(),
    product: id ? { product_id: id } : undefined,
    category: meta("category"),
    slots: [],
    recent,
    locale: locale(),
    device: { type: kind(), width: innerWidth },
  };
}
