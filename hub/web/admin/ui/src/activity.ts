// Puts the chart in the place of the table that the server wrote; the table stays where it fails.
import { mount } from "svelte";
import "uplot/dist/uPlot.min.css";
import "./activity.css";
import Activity from "./Activity.svelte";
import { fetchActivity } from "./api";
import { writer } from "./writing";

async function start(place: HTMLElement): Promise<void> {
  const address = place.dataset.api ?? "";
  const periods = (place.dataset.periods ?? "30").split(" ").map(Number);
  const words = JSON.parse(place.dataset.words ?? "{}") as Record<string, string>;
  const first = await fetchActivity(address, Number(place.dataset.days));
  place.replaceChildren();
  mount(Activity, { target: place, props: { address, first, periods, words, write: writer(document.documentElement.lang) } });
  place.dataset.alive = "yes";
}

const place = document.getElementById("activity");
if (place) void start(place).catch(() => undefined);
