/**
 * For pages with the loader of Segment's analytics.js: the file it asks for. It loads the snippet
 * with the same key and hands it the calls, those from before its arrival too. Consent is asked as
 * the hub's settings say; `group` and `alias` have no meaning for a shop's visitors and do nothing.
 */
import { api } from "./api";

const own = document.currentScript as HTMLScriptElement | null;
const found = own && /^(.*)\/analytics\.js\/v1\/([^/]+)\/analytics(?:\.min)?\.js/.exec(own.src);

type Call = (...said: any[]) => void;
const text = (value: any) => (typeof value === "string" || typeof value === "number" ? String(value) : undefined);
const plain = (value: any) => (value && typeof value === "object" && !Array.isArray(value) ? value : undefined);

const calls: Record<string, Call> = {
  identify(who, ...rest) {
    api("identify", text(who), plain(who) || plain(rest[0]));
  },
  track(name, properties) {
    api("track", String(name), plain(properties));
  },
  page(...said) {
    const names = said.filter((one) => typeof one === "string");
    const name = names.length > 1 ? { category: names[0], name: names[1] } : names.length ? { name: names[0] } : {};
    api("page", { ...name, ...said.find(plain) });
  },
  ready(done) {
    if (typeof done === "function") done();
  },
};

function call(said: any[]): any {
  try {
    const [name, ...rest] = [].slice.call(said) as any[];
    if (calls[name]) calls[name](...rest);
    const last = rest[rest.length - 1];
    if (name !== "ready" && typeof last === "function") last();
  } catch {
    // A wrong call must not break the shop's page.
  }
}

if (own && found) {
  const w = window as any;
  const before: any = w.analytics;
  const now: any = { initialized: true, invoked: true };
  const names = (before && before.methods) || ["identify", "track", "page", "group", "alias", "reset", "ready", "on", "once", "off"];
  for (const name of names) {
    now[name] = (...rest: any[]) => {
      call([name, ...rest]);
      return now;
    };
  }
  now.push = (...all: any[][]) => all.forEach(call);
  now.load = () => now;
  w.analytics = now;
  if (Array.isArray(before)) {
    before.forEach(call);
    before.push = now.push; // a page that kept the queue goes on calling it
  }
  const script = document.createElement("script");
  script.async = true;
  script.crossOrigin = "anonymous";
  script.nonce = own.nonce;
  script.dataset.key = found[2];
  script.src = found[1] + "/s.js";
  own.after(script);
}
