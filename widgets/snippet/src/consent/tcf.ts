import type { Tell, Tool } from "./watch";

const w = window as any;

const here = (): boolean => typeof w.__tcfapi === "function";

/**
 * IAB TCF 2.3. The hub is the shop's own machine, no vendor of the IAB's list: so what counts is
 * what the visitor told the publisher (the publisher segment), not what she told vendors. A shop
 * whose notice names itself beside the vendors says data-tcf="purposes". Legitimate interest never
 * counts, nor does purposeOneTreatment: without a yes to purpose 1 nothing may be stored.
 */
function follow(tell: Tell, options: DOMStringMap): void {
  w.__tcfapi("addEventListener", 2, (d: any, ok: unknown) => {
    if (!ok || !d || !/^(tcloaded|useractioncomplete)$/.test(d.eventStatus)) return;
    if (d.gdprApplies === false) return tell(3);
    const given = ((options.tcf === "purposes" ? d.purpose : d.publisher) || {}).consents || {};
    // A string without the Disclosed Vendors segment is not valid any more.
    const valid = /\.[I-P]/.test(d.tcString) && given[1] === true;
    const all = (ids: string): boolean => valid && ids.split(" ").every((id) => given[id] === true);
    tell(
      +all(options.tcfAnalytics || "7 8 9 10") + 2 * +all(options.tcfPersonalisation || "3 4 5 6"),
    );
  });
}

export const tcf: Tool = { here, follow };
