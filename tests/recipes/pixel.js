// A stand-in of the sandbox that runs Shopify's custom pixels: no document, no window of the page;
// storage of the shop's page only by promises; its time is the test's. Prints what was sent.
// Usage: node pixel.js pixel.js '{"privacy": {...}, "steps": [[verb, data], ...]}'
"use strict";
const fs = require("fs");
const vm = require("vm");

const scene = JSON.parse(process.argv[3]);
const storage = { ...(scene.storage || {}) };
const slow = (value) => new Promise((done) => setImmediate(() => done(value)));
const subscribers = {};
const consents = [];
const sent = [];
const timers = [];
let tokens = 0;
const faults = [...(scene.faults || [])];

const area = {
  getItem: (key) => slow(storage[key] ?? null),
  setItem: (key, value) => slow((storage[key] = String(value))),
  removeItem: (key) => slow(delete storage[key]),
};
const flags = (p = {}) => ({
  analyticsProcessingAllowed: false,
  preferencesProcessingAllowed: false,
  marketingAllowed: false,
  saleOfDataAllowed: false,
  ...p,
});
async function fetch(url, options) {
  const body = JSON.parse(options.body);
  sent.push({ url, body, keepalive: options.keepalive, type: options.headers["Content-Type"] });
  const fault = faults.shift();
  if (fault === "offline") throw new TypeError("Failed to fetch");
  const status = fault || 200;
  const token = url.endsWith("/v1/device") ? { token: "did" + ++tokens + ".mac.1" } : { ok: true };
  if (scene.while_minting && url.endsWith("/v1/device")) act(...scene.while_minting);
  return slow({ status, json: () => slow(status === 200 ? token : {}) });
}
const sandbox = {
  analytics: { subscribe: (name, run) => (subscribers[name] = run) },
  browser: { localStorage: area, sessionStorage: area, cookie: { get: () => slow(""), set: () => slow("") } },
  init: { customerPrivacy: flags(scene.privacy), data: {}, context: {} },
  api: { customerPrivacy: { subscribe: (name, run) => name === "visitorConsentCollected" && consents.push(run) } },
  fetch,
  setTimeout: (run, ms) => timers.push([ms, run]),
  console,
};

function act(verb, data) {
  if (verb === "consent") consents.forEach((run) => run({ customerPrivacy: flags(data) }));
  else if (subscribers[verb])
    subscribers[verb]({
      id: "e-" + verb,
      name: verb,
      timestamp: "2026-11-23T12:00:00.000Z",
      data,
      context: {
        document: {
          title: "Shop",
          referrer: "",
          location: { href: "https://shop.example/x?y=1", pathname: "/x", search: "?y=1" },
        },
        navigator: { language: "nl" },
      },
    });
}
async function rest() {
  for (let i = 0; i < 60; i++) {
    await slow();
    const next = timers.shift();
    if (next) next[1]();
  }
}
(async () => {
  vm.runInNewContext(fs.readFileSync(process.argv[2], "utf8"), sandbox);
  for (const [verb, data] of scene.steps) {
    if (verb === "at once") data.forEach((step) => act(...step));
    else act(verb, data);
    await rest();
  }
  console.log(JSON.stringify({ sent, storage, subscribed: Object.keys(subscribers).sort() }));
})();
