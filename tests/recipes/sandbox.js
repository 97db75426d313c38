// A stand-in of Tag Manager's sandbox: only its APIs, and each only as far as the permissions of
// the template allow. Usage: node sandbox.js template.tpl '{"data": {...}, ...}'
"use strict";
const fs = require("fs");
const vm = require("vm");

const template = fs.readFileSync(process.argv[2], "utf8");
const scene = JSON.parse(process.argv[3]);
const section = (name) => template.split(`___${name}___`)[1].split(/\n___[A-Z_]+___/)[0].trim();
const grants = Object.fromEntries(
  JSON.parse(section("WEB_PERMISSIONS")).map(({ instance }) => [
    instance.key.publicId,
    Object.fromEntries(instance.param.map(({ key, value }) => [key, value])),
  ]),
);
const maps = (list) =>
  list.listItem.map((m) =>
    Object.fromEntries(m.mapKey.map((k, i) => [k.string, m.mapValue[i].string ?? m.mapValue[i].boolean])),
  );
const used = new Set();
function need(permission, test) {
  used.add(permission);
  if (!grants[permission] || !test(grants[permission])) throw new Error("no permission: " + permission);
}
const global_ = (key, ...how) =>
  need("access_globals", ({ keys }) => maps(keys).some((m) => m.key === key && how.every((h) => m[h])));
const consent = (type) =>
  need("access_consent", ({ consentTypes }) =>
    maps(consentTypes).some((m) => m.consentType === type && m.read),
  );

const window_ = { ...(scene.window || {}) };
const out = { calls: [], scripts: [], done: null };
if (scene.loaded) window_.regulars = (...call) => out.calls.push(call);
const get = (path) => path.split(".").reduce((o, k) => (o == null ? undefined : o[k]), window_);
function set(path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((o, k) => o[k], window_)[last] = value;
}
const listeners = [];
const apis = {
  addConsentListener(type, run) {
    consent(type);
    listeners.push([type, run]);
  },
  isConsentGranted(type) {
    consent(type);
    return !!(scene.granted || {})[type];
  },
  copyFromDataLayer(key) {
    need("read_data_layer", ({ keyPatterns }) => keyPatterns.listItem.some((p) => p.string === key));
    return (scene.dataLayer || {})[key];
  },
  copyFromWindow(key) {
    global_(key, "read");
    return get(key);
  },
  createArgumentsQueue(name, list) {
    global_(name, "read", "write");
    global_(list, "read", "write");
    if (!get(name)) {
      set(name, function () {
        get(list).push(arguments);
      });
      set(list, get(list) || []);
    }
    return get(name);
  },
  injectScript(url, success, failure) {
    need("inject_script", ({ urls }) =>
      urls.listItem.some(({ string }) => {
        const parts = string.split("*").map((s) => s.replace(/[.+?^${}()|[\]\\/]/g, "\\$&"));
        return url.startsWith("https://") && new RegExp("^" + parts.join(".*") + "$").test(url);
      }),
    );
    out.scripts.push(url);
    (scene.fails ? failure : success)();
  },
  encodeUriComponent: encodeURIComponent,
  getType: (v) => (v === null ? "null" : Array.isArray(v) ? "array" : typeof v),
  makeString: String,
  makeTableMap: (rows, key, value) => Object.fromEntries(rows.map((r) => [r[key], r[value]])),
};
const data = {
  ...scene.data,
  gtmOnSuccess: () => (out.done = "success"),
  gtmOnFailure: () => (out.done = "failure"),
};
const require_ = (name) => {
  if (!Object.hasOwn(apis, name)) throw new Error("no such API: " + name);
  return apis[name];
};
const code = section("SANDBOXED_JS_FOR_WEB_TEMPLATE");
if (/\b(new|this|class|async|await|window|document)\b/.test(code.replace(/\/\/.*/g, "").replace(/'[^']*'/g, "")))
  throw new Error("not in the language of the sandbox");
vm.runInNewContext(`(function(require, data){${code}\n})`, Object.create(null))(require_, data);
for (const [type, granted] of scene.changes || [])
  listeners.filter(([t]) => t === type).forEach(([, run]) => run(type, granted));
for (const call of (window_.regulars && window_.regulars.q) || []) out.calls.push([...call]);
out.calls = out.calls.map((c) => c.filter((v) => v !== undefined));
out.used = [...used].sort();
out.granted = Object.keys(grants).sort();
console.log(JSON.stringify(out));
