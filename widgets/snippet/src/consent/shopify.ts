import type { Tell, Tool } from "./watch";

const shop = (): any => (window as any).Shopify || {};

const here = (): boolean => !!(shop().customerPrivacy || shop().loadFeatures);

/**
 * Shopify's Customer Privacy API. Its "preferences" are what its own banner calls personalisation.
 * Where the shop's settings ask nobody, the API allows without a question, and so do we.
 */
function follow(tell: Tell): void {
  const read = (event?: any): void => {
    const api = shop().customerPrivacy;
    if (!api || !api.analyticsProcessingAllowed) return;
    const told = (event && event.detail) || {};
    const before = (api.currentVisitorConsent && api.currentVisitorConsent()) || {};
    const choice =
      +(api.analyticsProcessingAllowed() === true && told.analyticsAllowed !== false) +
      +(api.preferencesProcessingAllowed() === true && told.preferencesAllowed !== false) * 2;
    // Nothing allowed and nobody asked yet is no answer.
    tell(choice || event || before.analytics === "no" || before.preferences === "no" ? choice : undefined);
  };
  document.addEventListener("visitorConsentCollected", (event) => {
    try {
      read(event);
    } catch {
      tell(undefined);
    }
  });
  if (shop().customerPrivacy) read();
  else
    shop().loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], (error: unknown) => {
      if (!error) read();
    });
}

export const shopify: Tool = { here, follow };
