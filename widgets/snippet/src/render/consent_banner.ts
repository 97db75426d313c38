import type { ConsentSite, Source, Stage } from "../types";
import { ANALYTICS, PERSONAL } from "../core/state";
import { button, el, lay, safe, shadow } from "./dom";

let host: HTMLElement | undefined;
let open: Promise<void> | undefined;
let done = (): void => {};

/** A promise for the moment the question is answered; undefined while none is asked. */
export const asking = (): Promise<void> | undefined => open;

function box(name: string, on: number): [HTMLInputElement, HTMLElement] {
  const input = el("input", { type: "checkbox" });
  input.checked = on > 0;
  return [input, el("label", {}, input, el("span", {}, name))];
}

/** Asks for consent. Yes and no look alike, nothing is ticked beforehand, closing is a choice. */
export function askConsent(
  text: ConsentSite,
  may: number | undefined,
  stage: Stage,
  answer: (choice: number, source: Source) => unknown,
): void {
  close();
  open = new Promise((resolve) => (done = resolve));
  const pick = (choice: number): void => {
    close();
    answer(choice, "banner");
  };
  const [first, firstLabel] = box(text.analytics || "Statistics", may! & ANALYTICS);
  const [second, secondLabel] = box(text.personalisation || "Personal offers", may! & PERSONAL);
  const more = el(
    "details",
    { open: may === undefined ? may : "" },
    el("summary", { class: "q" }, text.manage),
    el(
      "form",
      {},
      firstLabel,
      secondLabel,
      button("k", text.save || "Save my choice", () =>
        pick(+first.checked * ANALYTICS + +second.checked * PERSONAL),
      ),
    ),
  );
  const href = safe(text.privacy_url);
  host = el("div");
  shadow(
    host,
    stage,
    el(
      "section",
      { class: "n f v", "aria-label": text.title },
      el("h2", {}, text.title),
      el("p", { class: "m" }, text.text, href && " ", href && el("a", { href }, text.privacy || "Privacy policy")),
      el(
        "div",
        { class: "y" },
        button("k", text.decline!, () => pick(0)),
        button("k", text.accept!, () => pick(ANALYTICS + PERSONAL)),
      ),
      more,
    ),
  );
  lay(host);
}

function close(): void {
  if (host) host.remove();
  host = open = undefined;
  done();
}
