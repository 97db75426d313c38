import type { Tell, Tool } from "./watch";

const signals = ["analytics_storage", "personalization_storage"];

/** Anything that speaks of consent in Google's data layer. */
const here = (): boolean =>
  [].some.call((window as any).dataLayer || [], (entry: any) => entry && entry[0] === "consent");

/** Google Consent Mode v2, read from the data layer. A default that denies is nobody's decision. */
function follow(tell: Tell): void {
  const layer: any[] = ((window as any).dataLayer = (window as any).dataLayer || []);
  const defaults: boolean[] = [];
  const updates: boolean[] = [];
  let past = true;
  let timer: any;

  const now = (): void => {
    let choice = 0;
    let refused = 0;
    signals.forEach((_, i) => {
      if (i in updates ? updates[i] : defaults[i]) choice |= i + 1;
      if (updates[i] === false) refused |= i + 1;
    });
    tell(choice || updates.length ? choice : undefined, refused);
  };

  const read = (entry: any): void => {
    if (!entry || entry[0] !== "consent" || !entry[2]) return;
    const update = entry[1] === "update";
    const wait = !update && +entry[2].wait_for_update;
    signals.forEach((name, i) => {
      const yes = entry[2][name] === "granted";
      if (!yes && entry[2][name] !== "denied") return;
      // Defaults for other regions count too: we do not know the visitor's, so the strictest wins.
      if (update) updates[i] = yes;
      else defaults[i] = yes && defaults[i] !== false;
    });
    clearTimeout(timer);
    // A no acts at once; a default gives the update behind it the time it asks for.
    if (update && !past) now();
    else timer = setTimeout(now, wait || 0);
  };

  layer.forEach(read);
  past = false;
  if (updates.length) now();
  const push = layer.push;
  layer.push = function (...entries: unknown[]): number {
    const length = push.apply(layer, entries);
    try {
      entries.forEach(read);
    } catch {
      // A page's data layer is never broken by us.
    }
    return length;
  };
}

export const gcm: Tool = { here, follow };
