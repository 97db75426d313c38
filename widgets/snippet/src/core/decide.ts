import type { Decided } from "../types";
import { request } from "./context";
import { post } from "./wire";

let turn = 0;

/**
 * Asks once for this page view. `then` gets the answer (empty if the hub was down), whether it
 * came too late for the slots, and a test whether it is still the newest.
 */
export async function decide(then: (answer: Decided, late: boolean, current: () => boolean) => void): Promise<void> {
  const mine = ++turn;
  const asked = performance.now();
  const current = () => mine === turn;
  const { data } = await post("/v1/decide", request(), 5e3);
  if (current()) then(data, performance.now() - asked > 300, current);
}
