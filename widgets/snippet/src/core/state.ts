/**
 * What the visitor allowed (analytics 1 + personalisation 2; undefined: not asked yet), and the
 * device token, which exists only after consent. `cookie` 4: the hub, on a sub-domain of the shop,
 * keeps the token in a cookie of its own as well.
 */
export const state: { may?: number; token: string | null; cookie: number } = { token: null, cookie: 0 };

export const ANALYTICS = 1;
export const PERSONAL = 2;
