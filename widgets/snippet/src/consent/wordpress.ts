import type { Tell, Tool } from "./watch";

const w = window as any;
const categories = ["statistics", "marketing"];

const here = (): boolean => typeof w.wp_has_consent === "function";

/**
 * The WP Consent API. Profiles that choose offers are "marketing" by its definitions. It answers
 * yes to everything as long as no consent tool has named its type: that counts as no answer.
 */
function follow(tell: Tell): void {
  const changed: { [category: string]: string } = {};
  const read = (): void => {
    const type = w.wp_consent_type || (w.waitfor_consent_hook ? "" : w.wp_fallback_consent_type);
    let choice = 0;
    let said = false;
    categories.forEach((name, i) => {
      const kept = w.consent_api_get_cookie && w.consent_api
        ? w.consent_api_get_cookie(w.consent_api.cookie_prefix + "_" + name)
        : "";
      said = said || !!kept || name in changed;
      if (w.wp_has_consent(name) === true && (changed[name] || "allow") === "allow") choice |= i + 1;
    });
    tell(type && (choice || said) ? choice : undefined);
  };
  const safely = (): void => {
    try {
      read();
    } catch {
      tell(undefined);
    }
  };
  const hear = (event: any): void => {
    const told = event.detail || {};
    for (const name of categories) if (told[name]) changed[name] = told[name];
    // Each category has an event of its own: a no acts at once, a yes when all have been told.
    if (categories.some((name) => told[name] === "deny")) safely();
    else setTimeout(safely);
  };
  document.addEventListener("wp_listen_for_consent_change", hear);
  document.addEventListener("wp_consent_type_defined", safely);
  read();
}

export const wp: Tool = { here, follow };
