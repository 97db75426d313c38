import css from "./style.css";
import type { Stage } from "../types";

type Child = Node | string | undefined | null | false;

/** One element with attributes and children; text is always text, never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: { [name: string]: string | undefined },
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const name of Object.keys(attributes || {})) {
    const value = attributes![name];
    if (value !== undefined) node.setAttribute(name, value);
  }
  node.append(...(children.filter(Boolean) as (Node | string)[]));
  return node;
}

/** A button with a class, a text and what it does. */
export function button(name: string, text: string, press: () => void, label?: string): HTMLButtonElement {
  const node = el("button", { type: "button", class: name, "aria-label": label }, text);
  node.onclick = press;
  return node;
}

/** The button that closes what lies over the page. */
export const cross = (press: () => void, label = "Close"): HTMLButtonElement => button("x", "×", press, label);

/** The address if a link may lead there (http, https or relative), else undefined. */
export function safe(address: unknown): string | undefined {
  if (typeof address !== "string" || !address) return;
  try {
    const url = new URL(address, document.baseURI);
    if (/^https?:$/.test(url.protocol)) return url.href;
  } catch {
    // Not an address.
  }
}

let sheet: CSSStyleSheet | undefined;

/** The host's shadow root, empty but for our style; the page's own CSP is respected. */
export function shadow(host: HTMLElement, stage: Stage, ...children: Node[]): ShadowRoot {
  const root = host.shadowRoot || host.attachShadow({ mode: "open" });
  const { theme } = stage;
  const dark = theme === "auto" ? matchMedia("(prefers-color-scheme:dark)").matches : theme === "dark";
  if (dark) host.setAttribute("data-regulars-theme", "dark");
  root.textContent = "";
  root.append(...children);
  try {
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Browsers without constructable style sheets.
    root.prepend(el("style", { nonce: stage.nonce }, css));
  }
  return root;
}

/** Puts an overlay on the page, also before there is a body. */
export function lay(host: HTMLElement): void {
  host.setAttribute("data-regulars-overlay", "");
  (document.body || document.documentElement).append(host);
}
