/**
 * Reads the shop's consent tool. A file of its own, loaded only where such a tool is configured.
 * A choice is analytics 1 + personalisation 2; undefined: nobody has decided yet.
 */
import { gcm } from "./google";
import { shopify } from "./shopify";
import { tcf } from "./tcf";
import { wp } from "./wordpress";

/** `refused`: what was refused by an act, which holds beside the word of any other tool. */
export type Tell = (choice: number | undefined, refused?: number) => void;

export interface Tool {
  /** Is the tool on the page? */
  here(): boolean;
  follow(tell: Tell, options: DOMStringMap): void;
}

// Google first: what it refuses holds beside the others.
const tools: { [name: string]: Tool } = { gcm, shopify, wp, tcf };
const LONGEST = 12e4;

/**
 * Follows one tool by its name, or with "auto" every tool found on the page, now or late; where
 * they differ, the strictest wins.
 */
export function watch(
  mode: string,
  tell: (choice: number | undefined, source: string) => void,
  options: DOMStringMap,
): void {
  const names = Object.keys(tools).filter((name) => mode === "auto" || mode === name);
  const said: { [name: string]: number | undefined } = {};
  let refused = 0;

  const settle = (): void => {
    // Google's signals mirror another tool's: beside it they can only refuse.
    const first = Object.keys(said).filter((name) => name !== "gcm");
    const heard = first.length ? first : ["gcm"];
    let choice = first.length ? 3 & ~refused : 3;
    for (const name of heard) choice &= said[name] === undefined ? 3 : said[name]!;
    const open = choice && heard.some((name) => said[name] === undefined);
    tell(open ? undefined : choice, heard[0]);
  };

  const start = (name: string): void => {
    try {
      tools[name].follow((choice, no) => {
        said[name] = choice;
        if (name === "gcm") refused = no || 0;
        settle();
      }, options);
    } catch {
      // A tool that throws has said nothing, and nothing is sent.
    }
  };

  const look = (wait: number): void => {
    const fresh = names.filter((name) => {
      try {
        // Google's data layer may be made by us: its first words may still be to come.
        return !(name in said) && (mode === "gcm" || tools[name].here());
      } catch {
        // Not there in any form we know.
      }
    });
    // All are known to be silent before the first one speaks.
    for (const name of fresh) said[name] = undefined;
    if (fresh.length) settle();
    fresh.forEach(start);
    if (Object.keys(said).length < names.length && wait < LONGEST) setTimeout(look, wait / 4, wait * 1.25);
  };
  look(200);
}
