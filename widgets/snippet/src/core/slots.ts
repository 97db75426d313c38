const NAME = "data-regulars-slot";
const known = /* @__PURE__ */ new WeakSet<Element>();
let fill: (slot: HTMLElement, name: string) => unknown = () => {};

const painted = (): boolean => performance.getEntriesByType("paint").length > 0;
const below = (slot: Element): boolean => slot.getBoundingClientRect().top >= innerHeight;

/** Reserves the height a slot asks for: "96", or "96 180" with another one for phones. */
function reserve(slot: HTMLElement, fresh: boolean): void {
  const [wide, phone] = (slot.dataset.regularsHeight || "").split(" ");
  const height = +((innerWidth < 600 && phone) || wide);
  // On a page already painted, making room would itself move content.
  if (height && (fresh || !painted() || below(slot))) slot.style.minHeight = height + "px";
}

/** Nothing came: gives a reserved height back where nobody can see content move. */
function release(slot: HTMLElement): void {
  // A single page app moved on: the shop's own content shows again.
  if (slot.shadowRoot) slot.shadowRoot.replaceChildren(document.createElement("slot"));
  if (!slot.style.minHeight) return;
  new IntersectionObserver((seen, watch) => {
    if (seen.some((s) => !s.isIntersecting && s.boundingClientRect.top > 0)) {
      watch.disconnect();
      slot.style.minHeight = "";
    }
  }).observe(slot);
}

const each = (run: (slot: HTMLElement, name: string) => void): void =>
  document.querySelectorAll<HTMLElement>(`[${NAME}]`).forEach((slot) => run(slot, slot.getAttribute(NAME)!));

/** Finds slots as the parser makes them, before they are painted. */
export function watchSlots(): void {
  const look = (fresh: boolean) =>
    each((slot, name) => {
      if (known.has(slot)) return;
      known.add(slot);
      reserve(slot, fresh);
      fill(slot, name);
    });
  look(false);
  if (document.readyState !== "loading") return;
  const watch = new MutationObserver(() => look(true));
  watch.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => {
    look(true);
    watch.disconnect();
  });
}

/** Gives each slot its content, those on the page now and those still to be parsed. */
export function fillSlots(draw: (slot: HTMLElement, name: string) => unknown): void {
  fill = (slot, name) => draw(slot, name) || release(slot);
  each((slot, name) => {
    known.add(slot);
    fill(slot, name);
  });
}
