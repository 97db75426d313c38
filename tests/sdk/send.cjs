// Drives one published Node library: node send.cjs LIBRARY HOST KEY
const [library, host, key] = process.argv.slice(2);
const at = new Date("2026-11-23T11:59:00.000Z");
const who = { userId: "u1", anonymousId: "a1" };
const order = { order_id: "o1", total: 12.5 };

async function segment() {
  const { Analytics } = require("@segment/analytics-node");
  const sdk = new Analytics({ writeKey: key, host, maxEventsInBatch: 6 });
  sdk.on("error", (error) => console.error(error));
  return [sdk, () => sdk.closeAndFlush({ timeout: 15000 })];
}

async function rudder() {
  const Analytics = require("@rudderstack/rudder-sdk-node");
  const sdk = new Analytics(key, { dataPlaneUrl: host, flushAt: 6, gzip: true });
  return [sdk, () => sdk.flush()];
}

(async () => {
  const [sdk, flush] = await (library === "segment" ? segment() : rudder());
  sdk.identify({ ...who, traits: { plan: "gold" }, timestamp: at });
  sdk.track({ ...who, event: "Order Completed", properties: order, timestamp: at });
  sdk.page({ ...who, name: "Home", timestamp: at });
  sdk.screen({ ...who, name: "Start", timestamp: at });
  sdk.group({ ...who, groupId: "g1", timestamp: at });
  sdk.alias({ userId: "u1", previousId: "a1", timestamp: at });
  await flush();
  process.exit(0);
})();
