import { choose, confirm, follow, know, recall, say, signIn } from "./core/consent";
import { locale, moved, page, product, saw } from "./core/context";
import { decide } from "./core/decide";
import { add, flush, identify } from "./core/events";
import { fillSlots, watchSlots } from "./core/slots";
import { option, post, script } from "./core/wire";
import { askConsent } from "./render/consent_banner";
import { paint } from "./render/paint";
import type { Fields, Stage } from "./types";

const VIEWED = "Product Viewed";
let viewed: string | undefined;
let paged = false;

function track(name: unknown, given?: Fields): void {
  const properties = { ...given };
  const id = properties.product_id;
  if (name === VIEWED && id != null) {
    saw(id);
    // The page's own data and the shop's call may both report the same view.
    if (viewed === String(id)) return;
    viewed = String(id);
  }
  if (typeof name === "string" && name) add("track", { event: name, properties });
}

function turnPage(given?: Fields): void {
  if (paged) moved(), (viewed = undefined);
  paged = true;
  add("page", { properties: { ...page(), ...given } });
}

function stage(id: unknown): Stage {
  return {
    locale: locale(),
    theme: script!.dataset.theme,
    nonce: script!.nonce,
    say: (d, name, more) =>
      track(name, { promotion_id: d.widget, version: d.version, decision_id: id, creative: d.type, ...more }),
    subscribe: (d, email) =>
      post(
        "/v1/subscribe",
        {
          widget: d.widget,
          version: d.version,
          email,
          text_version: d.content.text_version,
          locale: locale(),
          page: { url: location.href },
        },
        1e4,
      ),
  };
}

function ask(): void {
  decide(({ id, site, decisions }, late, current) => {
    const here = RENDER && (stage(id) as Stage);
    know(site && site.consent, (text, may) => here && askConsent(text, may, here, choose));
    if (here) {
      const all = Array.isArray(decisions) ? decisions.filter((d) => d && d.content) : [];
      // A slow answer leaves the shop's own content as it is; what lies over the page may still show.
      fillSlots((slot, name) => {
        const d = !late && all.find((one) => one.slot === name);
        return d && paint(d, slot, here, current);
      });
      for (const d of all) if (!d.slot) paint(d, null, here, current);
    }
  });
}

function run(call: ArrayLike<any>): void {
  try {
    const [name, a, b]: any[] = [].slice.call(call);
    if (name === "track") track(a, b);
    else if (name === "page") turnPage(a);
    else if (name === "identify") a && a.token ? signIn(a.token) : identify(a, b);
    else if (name === "product") track(VIEWED, a);
    else if (name === "consent") say(a);
    else if (name === "decide" && begun) ask();
  } catch {
    // A wrong call must not break the shop's page.
  }
}

/** Takes the key of a confirmation mail out of the address, so that it is not sent on or bookmarked. */
function takeLink(): void {
  const url = new URL(location.href);
  const k = url.searchParams.get("rgl_k");
  if (!k) return;
  url.searchParams.delete("rgl_k");
  history.replaceState(history.state, "", url.href);
  confirm(k);
}

function readProduct(): void {
  const id = product();
  if (id && viewed === undefined) track(VIEWED, { product_id: id, url: location.href });
}

let begun = false;

function begin(): void {
  const before = (window as any).regulars;
  if (!script || !option("key") || (before && before.on)) return;
  const api = function () {
    run(arguments);
  };
  (api as any).on = 1;
  (window as any).regulars = api;
  recall();
  takeLink();
  signIn(option("customer"));
  if (RENDER) watchSlots();
  const calls = (before && before.q) || [];
  for (let i = 0; i < calls.length; i++) run(calls[i]);
  begun = true;
  ask();
  if (!paged) turnPage();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", readProduct);
  else readProduct();
  addEventListener("storage", follow);
  addEventListener("online", () => flush());
  addEventListener("pagehide", () => flush(true));
  document.addEventListener("visibilitychange", () => document.hidden && flush(true));
}

try {
  begin();
} catch {
  // Whatever is wrong here, the shop's page goes on.
}
