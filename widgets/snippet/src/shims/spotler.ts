/**
 * For shops whose pages still speak to Spotler Activate: what they push to `window._sqzl` goes to
 * the snippet. The names of events and fields are understood by the hub.
 */
import { api } from "./api";

const WHO: Record<string, string> = { email: "email", firstname: "firstName", lastname: "lastName", phone: "phone", gender: "gender", birthdate: "birthday" };

let hidden = false;
let told = "";

/** Tells who it is once, and takes it out of the event: `anonymize` may forbid it later. */
function identify(said: Record<string, any>): void {
  const traits: Record<string, any> = {};
  for (const key in WHO) if (said[key]) traits[WHO[key]] = said[key];
  const now = JSON.stringify([said.userid, traits]);
  if (!hidden && now !== told && (said.userid || traits.email)) {
    told = now;
    api("identify", said.userid ? String(said.userid) : undefined, traits);
  }
}

function take(said: any): void {
  if (!said || typeof said !== "object") return;
  if (said.anonymize) hidden = said.anonymize !== "no";
  identify(said);
  const { event, anonymize, userid, ...rest } = said;
  if (!event) return;
  for (const key in WHO) delete rest[key];
  if (event === "PageView") api("page", rest);
  else api("track", String(event), rest);
}

const before: any[] = (window as any)._sqzl || [];
(window as any)._sqzl = {
  push(...all: any[]) {
    all.forEach(take);
  },
};
if (Array.isArray(before)) before.forEach(take);
