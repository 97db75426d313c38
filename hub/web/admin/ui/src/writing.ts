// Days and numbers in the language of the page. A day is a calendar day of the workspace: it is
// handled as midnight UTC, so that no change of the clocks can move it.
export const moment = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000;

export function writer(page: string) {
  // As the pages themselves write days: 23 Nov 2026.
  const language = page === "en" ? "en-GB" : page;
  const number = new Intl.NumberFormat(language);
  const short = new Intl.DateTimeFormat(language, { timeZone: "UTC", day: "numeric", month: "short" });
  const long = new Intl.DateTimeFormat(language, {
    timeZone: "UTC", weekday: "short", day: "numeric", month: "long", year: "numeric",
  });
  const row = new Intl.DateTimeFormat(language, { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });
  const compact = new Intl.NumberFormat(language, { notation: "compact" });
  return {
    number: (value: number): string => number.format(value),
    compact: (value: number): string => compact.format(value),
    tick: (seconds: number): string => short.format(new Date(seconds * 1000)),
    row: (day: string): string => row.format(new Date(moment(day) * 1000)),
    day: (day: string): string => long.format(new Date(moment(day) * 1000)),
  };
}

export type Writer = ReturnType<typeof writer>;
