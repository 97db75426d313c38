import { draw } from "./render/paint";
import type { Decision, Stage } from "./types";

/** The editor's live preview: draws what the parent page posts, and sends nothing anywhere. */
const text = (value: unknown, most: number): value is string => typeof value === "string" && value.length <= most;

function valid(d: any): d is Decision {
  if (!d || typeof d !== "object" || !d.content || typeof d.content !== "object") return false;
  if (!["banner", "popup", "recommendations"].includes(d.type)) return false;
  if (!text(d.widget ?? "", 200)) return false;
  if (d.products !== undefined && !(Array.isArray(d.products) && d.products.length <= 50)) return false;
  return Object.keys(d.content).every((k) => d.content[k] == null || text(d.content[k], 5000));
}

let over: HTMLElement | undefined;

function show(d: Decision, locale: string): void {
  const stage: Stage = {
    locale,
    say: () => {},
    subscribe: async () => ({ status: 200, after: 0, data: { ok: true } }),
  };
  over?.remove();
  const old = document.querySelector<HTMLElement>("[data-regulars-slot]")!;
  const slot = old.cloneNode(false) as HTMLElement;
  old.replaceWith(slot);
  const inline = !!d.slot && d.slot !== "overlay" && d.type !== "popup";
  const host = draw(d, inline ? slot : null, stage);
  over = inline ? undefined : host;
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || origin !== location.origin || !data || !valid(data.decision)) return;
  const locale = text(data.locale, 35) ? data.locale : "en";
  document.documentElement.lang = locale;
  document.documentElement.dir = /^(ar|fa|he|ur)\b/.test(locale) ? "rtl" : "ltr";
  show(data.decision, locale);
});
document.addEventListener("click", (e) => e.preventDefault());
parent.postMessage({ regulars: "ready" }, location.origin);
