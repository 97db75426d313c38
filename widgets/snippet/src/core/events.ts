import type { Fields } from "../types";
import { ANALYTICS, state } from "./state";
import { locale, page } from "./context";
import { passing, pause, post } from "./wire";

let queue: string[] = [];
let user: string | undefined;
let busy = 0;
let tries = 0;
let timer = 0;

/** Keeps one event in memory; it leaves the page only with consent to analytics. */
export function add(type: string, fields: Fields): void {
  if (state.may !== undefined && !(state.may & ANALYTICS)) return;
  // Kept as text: a later change by the shop, or a value JSON can not hold, harms no other event.
  const text = JSON.stringify({
    type,
    userId: user,
    ...fields,
    messageId: crypto.getRandomValues(new Uint32Array(4)).join("-"),
    originalTimestamp: new Date(),
    context: { page: page(), locale: locale() },
  });
  if (text.length > 3e4) return;
  queue.push(text);
  if (queue.length > 200) queue.shift();
  later(2e3);
}

export function identify(userId: unknown, traits?: Fields): void {
  if (userId !== null && typeof userId === "object") [userId, traits] = [undefined, userId as Fields];
  if (userId != null) user = String(userId);
  add("identify", { traits });
}

/** Drops what waits, for example because the visitor said no. */
export function clear(): void {
  queue = [];
  user = undefined;
}

function later(ms: number): void {
  if (!timer) timer = setTimeout(flush, ms) as unknown as number;
}

async function send(): Promise<void> {
  const token = state.token;
  // So few that the browser can usually keep them alive after the page.
  const batch = queue.splice(0, 20);
  busy++;
  const answer = await post("/v1/batch", { sentAt: new Date() }, 1e4, batch);
  busy--;
  // Withdrawn meanwhile: what came back is not kept.
  if (token !== state.token) return;
  if (passing(answer) && ++tries < 6) {
    queue = batch.concat(queue);
    later(pause(answer, tries));
  } else {
    tries = 0;
    if (queue.length) later(0);
  }
}

/** Sends what waits, if it may be sent; `all` when the page is about to go. */
export function flush(all?: boolean): void {
  clearTimeout(timer);
  timer = 0;
  while (state.token && state.may! & ANALYTICS && queue.length && (all || !busy)) send();
}
