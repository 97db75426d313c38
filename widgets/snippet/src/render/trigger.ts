import type { Decision } from "../types";

/** Runs once: at load, after a delay (seconds), at a scroll depth (percent), or on the way out. */
export function when({ on, value }: NonNullable<Decision["trigger"]>, show: () => Promise<void>): void {
  const amount = +value! || 0;
  const run = (): void => void show().catch(() => {});
  const once = (name: string, reached: (e: any) => boolean): void => {
    const hear = (e: Event): void => {
      if (!reached(e)) return;
      document.removeEventListener(name, hear);
      run();
    };
    document.addEventListener(name, hear, { passive: true });
  };
  if (on === "delay") setTimeout(run, amount * 1e3);
  else if (on === "scroll")
    once("scroll", () => {
      const { scrollHeight, clientHeight, scrollTop } = document.scrollingElement!;
      return scrollTop >= ((scrollHeight - clientHeight) * amount) / 100;
    });
  else if (on === "exit") once("mouseout", (e) => !e.relatedTarget && e.clientY <= 0);
  else run();
}
