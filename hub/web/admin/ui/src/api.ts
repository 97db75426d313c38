// What /api/v1/activity answers, and asking for it with the session of the page.
export interface Day {
  day: string;
  events: number;
  views: number;
  orders: number;
}

export interface Activity {
  zone: string;
  days: Day[];
}

export async function fetchActivity(address: string, days: number): Promise<Activity> {
  const answer = await fetch(`${address}?days=${days}`, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as Activity;
}
