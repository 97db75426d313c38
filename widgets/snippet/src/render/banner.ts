import type { Decision, Stage } from "../types";
import { cross, el, safe } from "./dom";

/** A strip with a title, a text and one link; over the page it gets a button to close it. */
export function banner(d: Decision, stage: Stage, close: false | (() => void)): HTMLElement {
  const { title, text, button: label, url, tone } = d.content;
  const href = safe(url);
  const link = (name: string, words: string | undefined): HTMLElement => {
    const a = el("a", { href, class: name }, words);
    a.onclick = () => stage.say(d, "Promotion Clicked");
    return a;
  };
  return el(
    "section",
    { class: "b f" + (close ? " v" : ""), "data-tone": tone === "plain" ? undefined : tone, "aria-label": title },
    el(
      "div",
      { class: "w" },
      title && el("p", { class: "h" }, href && !label ? link("all", title) : title),
      text && el("p", { class: "m" }, text),
    ),
    href && label && link("k", label),
    close && cross(close),
  );
}
