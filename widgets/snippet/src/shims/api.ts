/** A call of the snippet, which may still be on its way: then it waits in its queue. */
export function api(...call: any[]): void {
  const w = window as any;
  w.regulars = w.regulars || function () {
    (w.regulars.q = w.regulars.q || []).push(arguments);
  };
  w.regulars(...call);
}
