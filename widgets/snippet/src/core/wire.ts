import type { Answer } from "../types";
import { state } from "./state";

const found = document.currentScript;
/** Our own tag. The check also refuses an element that shadows document.currentScript by its name. */
export const script = found instanceof HTMLScriptElement ? found : null;

/** A setting of our tag: an attribute, or a query parameter where a tag manager allows no attributes. */
export const option = (name: string): string | null | undefined =>
  script!.dataset[name] || new URL(script!.src).searchParams.get(name);

/** An address of the hub, which may live below a path: beside our own file. */
export const at = (path: string): string => new URL("." + path, script!.src).href;

/** Posts JSON as text/plain, so that there is no preflight; never throws, gives up after `ms`. */
export async function post(path: string, body: object, ms: number, events?: string[]): Promise<Answer> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    let text = JSON.stringify({ writeKey: option("key"), token: state.token, ...body });
    if (events) text = text.slice(0, -1) + ',"batch":[' + events + "]}";
    const answer = await fetch(at(path), {
      method: "POST",
      body: text,
      // Only these concern the cookie in which a hub on the shop's own site keeps the token.
      credentials: !/dev|con|lin/.test(path) ? "omit" : state.cookie ? "include" : "same-origin",
      signal: stop.signal,
      // Browsers refuse to keep more than 64 kB alive after the page has gone.
      keepalive: text.length < 2e4,
    });
    const data = await answer.json().catch(() => 0);
    return { status: answer.status, after: +answer.headers.get("Retry-After")! || 0, data: data || {} };
  } catch {
    return { status: 0, after: 0, data: {} };
  } finally {
    clearTimeout(timer);
  }
}

/** Was this a fault that passes? */
export const passing = ({ status }: Answer): boolean => !status || status === 429 || status > 499;

/** How long to wait before trial n + 1, in milliseconds. */
export const pause = ({ after }: Answer, n: number): number =>
  Math.max(Math.min(after, 300) * 1e3, 2 ** n * (500 + Math.random() * 500));

/** Posts until it is answered, at most five times and only as long as `wanted` holds. */
export async function insist(path: string, body: object, wanted: () => boolean, n = 0): Promise<Answer> {
  const answer = await post(path, body, 1e4);
  if (!passing(answer) || n > 3) return answer;
  await new Promise((done) => setTimeout(done, pause(answer, n)));
  return wanted() ? insist(path, body, wanted, n + 1) : answer;
}
