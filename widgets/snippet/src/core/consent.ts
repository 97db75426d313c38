import type { ConsentSite, Source } from "../types";
import * as whole from "../consent/watch";
import { clear, flush } from "./events";
import { ANALYTICS, PERSONAL, state } from "./state";
import { at, insist, option, script } from "./wire";

const TOKEN = "rgl_t";
const CHOICE = "rgl_c";
const USER = "rgl_u";

export type Ask = (site: ConsentSite, may: number | undefined) => void;

let site: ConsentSite = {};
let mode: string | undefined;
let known = false;
let held: number | undefined; // what the shop said: waiting for the mode, or a limit beside its tool
let told: number | undefined; // what the shop's consent tool said
let last: number | undefined; // the choice in force
let turn = 0;
let link: string | null = null;
let signed: string | undefined;
let ask: Ask;

/** import() passes on the trust in this script, under any policy, where a new tag would not. */
const load = (): Promise<typeof import("../consent/watch")> =>
  WHOLE ? Promise.resolve(whole) : import(at("/consent.js"));

/** Reads, writes (text) or removes (null) one value; a browser that refuses storage costs nothing. */
function keep(name: string, value?: string | number | null): string | null {
  try {
    if (value === undefined) return localStorage[name] || null;
    if (value === null) localStorage.removeItem(name);
    else localStorage[name] = value;
  } catch {
    // The token then lives as long as the page.
  }
  return null;
}

/** Takes up what the visitor chose on an earlier page, or in another tab. */
export function recall(): void {
  const choice = keep(CHOICE);
  const token = +choice! ? keep(TOKEN) : null;
  if (!token && !state.token && choice !== "0") return;
  state.cookie = +choice! & 4;
  allow(token ? +choice! & 3 : 0);
  state.token = token;
}

function allow(choice: number): void {
  last = state.may = choice;
  if (!(choice & ANALYTICS)) clear();
}

/** The visitor chose. Whatever was stored is gone before this returns if the answer is no. */
export async function choose(choice: number, source: Source): Promise<void> {
  const same = choice === last;
  allow(choice);
  if (same) return flush();
  const mine = ++turn;
  const current = () => mine === turn;
  const token = state.token;
  const say = (path: string, old: string | null, allowed: number, wanted: () => boolean) => {
    const purposes = { analytics: !!(allowed & ANALYTICS), personalisation: !!(allowed & PERSONAL) };
    const text_version = site.text_version;
    return insist(
      path,
      old ? { token: old, purposes, text_version, source } : { consent: { purposes, text_version, source } },
      wanted,
    );
  };
  if (!choice) {
    state.token = null;
    keep(CHOICE, site.remember_decline ? 0 : null);
    keep(TOKEN, null);
    keep(USER, null);
  } else if (token) keep(CHOICE, choice + state.cookie);
  if (token) {
    // A withdrawal is told whatever happens next on this page.
    const { data } = await say("/v1/consent", token, choice, () => !choice || current());
    if (data.keep === false && current()) choose(0, source);
  } else if (choice) {
    const given = (await say("/v1/device", null, choice, current)).data.token;
    if (!current()) {
      // The visitor changed her mind while the token was on its way.
      if (given) say("/v1/consent", given, 0, () => true);
    } else if (given) {
      state.token = given;
      keep(TOKEN, given);
      keep(CHOICE, choice + state.cookie);
    } else last = undefined;
  }
  flush();
  confirm();
  signIn();
}

/** Does the shop's own consent tool ask, instead of our banner or the shop's calls? */
const tool = (): boolean => !!mode && mode !== "own" && mode !== "off";

/**
 * The strictest of what the shop's tool, the shop and the browser said. A yes waits for the tool
 * and the shop, a no for nobody. Only a yes on our own banner stands above Global Privacy Control.
 */
function settle(source: Source): void {
  const choice = (told ?? 3) & (held ?? 3) & ((navigator as any).globalPrivacyControl ? ANALYTICS : 3);
  if (!choice || told !== undefined || (known && !tool())) choose(choice, source);
}

/** regulars('consent', {...} | 'open') */
export function say(p: any): void {
  if (p === "open") {
    if (mode === "own") ask(site, last);
  } else if (p) {
    held = (p.analytics === true ? ANALYTICS : 0) + (p.personalisation === true ? PERSONAL : 0);
    settle("api");
  }
}

/** The hub answered (or did not: then only the page's own word counts). */
export function know(answer: ConsentSite | undefined, banner: Ask): void {
  if (mode) return;
  site = answer || {};
  if (answer) state.cookie = answer.cookie ? 4 : 0;
  mode = option("consent") || site.mode;
  known = true;
  ask = banner;
  if (tool()) {
    // What an earlier page allowed rests until the tool has spoken on this one.
    state.may = undefined;
    load().then(({ watch }) =>
      watch(
        mode!,
        (choice, source) => {
          told = choice;
          if (choice === undefined) state.may = choice;
          else settle(source);
        },
        script!.dataset,
      ),
      // Without the file nothing is known, and nothing is sent.
      () => {},
    );
  } else if (held !== undefined) settle("api");
  else if (mode === "own" && last === undefined) ask(site, last);
}

/** Tells the hub that this device opened the link of a confirmation mail, once it has a token. */
export function confirm(k?: string | null): void {
  link = k || link;
  if (!link || !state.token) return;
  insist("/v1/link", { k: link }, () => !!state.token);
  link = null;
}

/** Shows the hub the shop's token of who is signed in; once for each customer of this browser. */
export async function signIn(jwt?: any): Promise<void> {
  signed = jwt || signed;
  if (!signed || !state.token) return;
  const mine = String(signed);
  const device = state.token;
  signed = undefined;
  let user: string | undefined;
  try {
    user = String(JSON.parse(atob(mine.split(".")[1])).sub);
  } catch {
    // The hub says what is wrong with it.
  }
  if (user && keep(USER) === user) return;
  const { data } = await insist("/v1/link", { jwt: mine }, () => !!state.token);
  if (option("debug") && data.reason) console.warn("regulars", data.reason);
  if (!data.linked || state.token !== device) return;
  // Another customer than before: a device of her own.
  if (data.token) keep(TOKEN, (state.token = data.token));
  keep(USER, user);
}

/** Another tab gave or withdrew consent. */
export function follow({ key }: StorageEvent): void {
  if (!/^rgl_/.test(key || TOKEN)) return;
  turn++;
  recall();
  flush();
}
