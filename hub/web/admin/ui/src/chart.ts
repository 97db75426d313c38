// The drawing: two lines on the left scale, orders as bars on the right one.
import uPlot from "uplot";
import type { Day } from "./api";
import { moment, type Writer } from "./writing";

export interface Labels {
  events: string;
  views: string;
  orders: string;
}

interface Colours {
  ink: string;
  line: string;
  events: string;
  views: string;
  orders: string;
}

// Read anew for each drawing: the page may have turned dark meanwhile.
function colours(of: Element): Colours {
  const style = getComputedStyle(of);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink-2"), line: read("--line"), events: read("--ink-2"), views: read("--accent"),
    orders: read("--chart-orders"),
  };
}

function axes(colour: Colours, write: Writer): uPlot.Axis[] {
  const font = "12px system-ui, sans-serif";
  const left: uPlot.Axis = {
    scale: "y", stroke: colour.ink, font, size: 52, ticks: { show: false },
    grid: { stroke: colour.line, width: 1 },
    values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? write.compact(value) : "")),
  };
  return [
    {
      stroke: colour.ink, font, space: 72, grid: { show: false }, ticks: { stroke: colour.line },
      incrs: [1, 2, 3, 7, 14, 28].map((days) => days * 86400),
      values: (_, splits) => splits.map(write.tick),
    },
    left,
    { ...left, scale: "orders", side: 1, grid: { show: false } },
  ];
}

function options(width: number, colour: Colours, labels: Labels, write: Writer): uPlot.Options {
  const fromZero: uPlot.Scale = { range: (_, __, most) => [0, Math.max(4, most * 1.08)] };
  const bars = uPlot.paths.bars?.({ size: [0.55, 26], radius: 0.15 });
  return {
    width,
    height: width < 520 ? 200 : 260,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { range: (_, least, most) => [least - 43200, most + 43200] },
      y: fromZero,
      orders: fromZero,
    },
    axes: axes(colour, write),
    series: [
      {},
      { label: labels.orders, scale: "orders", stroke: colour.orders, fill: colour.orders, width: 0,
        paths: bars, points: { show: false } },
      { label: labels.events, scale: "y", stroke: colour.events, width: 1.5, dash: [6, 4],
        points: { show: false } },
      { label: labels.views, scale: "y", stroke: colour.views, width: 2.5, points: { show: false } },
    ],
  };
}

export function draw(
  place: HTMLElement, days: Day[], labels: Labels, write: Writer, onPoint: (index: number) => void,
): uPlot {
  const data: uPlot.AlignedData = [
    days.map((line) => moment(line.day)),
    days.map((line) => line.orders),
    days.map((line) => line.events),
    days.map((line) => line.views),
  ];
  const plot = new uPlot(options(place.clientWidth, colours(place), labels, write), data, place);
  plot.over.addEventListener("pointermove", () => {
    if (plot.cursor.idx != null) onPoint(plot.cursor.idx);
  });
  return plot;
}

export function point(plot: uPlot, index: number): void {
  const at = plot.data[0][index];
  if (at !== undefined) plot.setCursor({ left: plot.valToPos(at, "x"), top: 0 }, false);
}
