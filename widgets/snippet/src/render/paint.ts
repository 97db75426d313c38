import type { Decision, Stage } from "../types";
import { banner } from "./banner";
import { asking } from "./consent_banner";
import { el, lay, shadow } from "./dom";
import { popup } from "./popup";
import { products } from "./products";
import { when } from "./trigger";

const shown = /* @__PURE__ */ new Set<string>();
let modal = false;

/** Reports a widget once, when half of it (or half a screen of it) has been in view. */
function seen(node: Element, report: () => void): void {
  const watch = new IntersectionObserver(
    (all) => {
      if (!all.some((s) => s.intersectionRatio >= 0.5 || s.intersectionRect.height > innerHeight / 2)) return;
      watch.disconnect();
      report();
    },
    { threshold: [0.1, 0.2, 0.3, 0.4, 0.5] },
  );
  watch.observe(node);
}

/** Draws one decision now: into its slot, or over the page. Undefined: nothing to draw. */
export function draw(d: Decision, slot: HTMLElement | null, stage: Stage): HTMLElement | undefined {
  const host = slot || el("div");
  const close = (): void => {
    host.remove();
    modal = false;
  };
  let node: HTMLElement | undefined;
  if (d.type === "banner") node = banner(d, stage, !slot && close);
  else if (d.type === "popup" && !slot) node = popup(d, stage, close);
  else if (d.type === "recommendations" && slot) node = products(d, stage);
  if (!node) return;
  shadow(host, stage, node);
  if (!slot) lay(host);
  if (d.type === "popup") (node as HTMLDialogElement).showModal();
  seen(node, () => stage.say(d, "Promotion Viewed"));
  return host;
}

/** Draws a decision at once in a slot, over the page when its trigger says so. Was a slot filled? */
export function paint(
  d: Decision,
  slot: HTMLElement | null,
  stage: Stage,
  current: () => boolean,
): boolean {
  const show = async (): Promise<void> => {
    const popup = d.type === "popup";
    // A question about consent is not to be covered.
    if (popup) await asking();
    // Once per page, and one pop-up at a time: a second is not worth a visitor's patience.
    if (!current() || shown.has(d.widget) || (popup && modal)) return;
    shown.add(d.widget);
    modal = popup || modal;
    draw(d, slot, stage);
  };
  try {
    if (slot) return !!draw(d, slot, stage);
    when(d.trigger || {}, show);
  } catch {
    // One widget that can not be drawn harms no other.
  }
  return false;
}
