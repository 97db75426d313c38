/**
 * What the visitor allowed (analytics 1 + personalisation 2; undefined: not asked yet), and the
 * device token, which exists only after consent.
 */
export const state: { may?: number; token: string | null } = { token: null };

export const ANALYTICS = 1;
export const PERSONAL = 2;
