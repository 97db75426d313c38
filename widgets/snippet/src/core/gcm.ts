const signals = ["analytics_storage", "personalization_storage"];

/**
 * Follows Google Consent Mode v2 through the data layer. `tell` gets undefined as long as nobody
 * decided (a default that denies, or one that waits for an update).
 */
export function watchGoogle(tell: (choice: number | undefined) => void): void {
  const layer: any[] = ((window as any).dataLayer = (window as any).dataLayer || []);
  const defaults: boolean[] = [];
  const updates: boolean[] = [];
  let past = true;
  let timer: any;

  const now = (): void => {
    let choice = 0;
    signals.forEach((_, i) => {
      // With Global Privacy Control on, a default is not a choice: only an update is.
      const silent = i && (navigator as any).globalPrivacyControl;
      if (i in updates ? updates[i] : defaults[i] && !silent) choice |= i + 1;
    });
    tell(choice || updates.length ? choice : undefined);
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
