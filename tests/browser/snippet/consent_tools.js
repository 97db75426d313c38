// Stand-ins for the consent tools that shops use, with the behaviour their makers document:
// tools.<name>(verb, data) puts one on the page, lets a visitor answer, or breaks it.
window.tools = (() => {
  const heard = {}; // which tool was asked or subscribed to
  const later = (run) => setTimeout(run, 0);

  // Google: whatever is pushed is an `arguments` object.
  function gcm(how, what) {
    window.dataLayer = window.dataLayer || [];
    (function () {
      window.dataLayer.push(arguments);
    })("consent", how, what);
  }

  // IAB TCF: listeners hear the present state once, then every change.
  const tcf = { listeners: [], state: null };
  const data = ({ status, publisher, purposes, string, gdpr = true, one = false }) => {
    const yes = (ids) => Object.fromEntries((ids || []).map((id) => [id, true]));
    return {
      eventStatus: status || "tcloaded",
      gdprApplies: gdpr,
      purposeOneTreatment: one,
      tcString: string ?? "CQSbAAAQSbAAAAcABBENDOFgAAAAAA.IGLtV_T9fb2vj.YAAAAAAAAAAA",
      purpose: { consents: yes(purposes), legitimateInterests: yes([7, 8, 9, 10]) },
      publisher: { consents: yes(publisher), legitimateInterests: yes([7, 8, 9, 10]) },
      vendor: { consents: {} },
    };
  };
  function tcfVerb(verb, given) {
    if (verb === "say") {
      tcf.state = given;
      tcf.listeners.forEach((f) => f({ ...data(given), listenerId: 1 }, given.ok ?? true));
      return;
    }
    window.__tcfapi = (command, version, callback) => {
      heard.tcf = true;
      if (verb === "throw") throw new Error("a broken tool");
      if (verb === "silent") return;
      if (command !== "addEventListener" || version !== 2) throw new Error("not of this version");
      tcf.listeners.push(callback);
      if (tcf.state) later(() => callback(data(tcf.state), tcf.state.ok ?? true));
    };
  }

  // Shopify: the API comes by loadFeatures; "" means that nobody has answered.
  const shop = { analytics: "", preferences: "", free: false };
  function shopify(verb, given = {}) {
    Object.assign(shop, given);
    const allowed = (name) => () => {
      heard.shopify = true;
      if (shop.throws) throw new Error("a broken tool");
      return shop[name] === "yes" || (shop[name] === "" && shop.free);
    };
    const api = {
      analyticsProcessingAllowed: allowed("analytics"),
      preferencesProcessingAllowed: allowed("preferences"),
      marketingAllowed: allowed("marketing"),
      currentVisitorConsent: () => ({ analytics: shop.analytics, preferences: shop.preferences }),
    };
    if (verb === "ready") window.Shopify = { customerPrivacy: api };
    if (verb === "install")
      window.Shopify = {
        loadFeatures(features, done) {
          heard.shopify = true;
          if (features[0].name !== "consent-tracking-api") throw new Error("no such feature");
          if (given.never) return;
          later(() => {
            if (given.fails) return done(new Error("offline"));
            window.Shopify.customerPrivacy = api;
            done(undefined);
          });
        },
      };
    if (verb === "say") {
      const detail = {
        analyticsAllowed: allowed("analytics")(),
        preferencesAllowed: allowed("preferences")(),
      };
      document.dispatchEvent(new CustomEvent("visitorConsentCollected", { detail }));
    }
  }

  // WP Consent API: without a type it says yes to everything.
  const cookies = {};
  function wp(verb, given = {}) {
    if (verb === "install") {
      window.consent_api = { cookie_prefix: "wp_consent" };
      window.wp_fallback_consent_type = given.fallback;
      window.waitfor_consent_hook = !!given.wait;
      if (given.type) window.wp_consent_type = given.type;
      Object.assign(cookies, given.cookies);
      window.consent_api_get_cookie = (name) => cookies[name.replace("wp_consent_", "")] || "";
      window.wp_has_consent = (category) => {
        heard.wp = true;
        if (given.throws) throw new Error("a broken tool");
        const type = window.wp_consent_type ?? window.wp_fallback_consent_type;
        if (!type) return true;
        if (type.includes("optout") && !cookies[category]) return true;
        return cookies[category] === "allow";
      };
    }
    if (verb === "type") {
      window.wp_consent_type = given.type;
      document.dispatchEvent(new CustomEvent("wp_consent_type_defined"));
    }
    if (verb === "say")
      for (const [category, value] of Object.entries(given)) {
        cookies[category] = value;
        const detail = { [category]: value };
        document.dispatchEvent(new CustomEvent("wp_listen_for_consent_change", { detail }));
      }
  }
  return { heard, gcm, tcf: tcfVerb, shopify, wp, page: (_, given) => window.regulars("consent", given) };
})();
