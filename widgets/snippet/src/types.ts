/** What crosses the wire, as the snippet reads it. Every field may be missing or of another type. */
export interface Purposes {
  analytics: boolean;
  personalisation: boolean;
}

/** Who said it: our banner, the page, or the name of a consent tool. */
export type Source = string;

export interface ConsentSite {
  mode?: string;
  cookie?: boolean;
  text_version?: string;
  remember_decline?: boolean;
  title?: string;
  text?: string;
  accept?: string;
  decline?: string;
  manage?: string;
  save?: string;
  analytics?: string;
  personalisation?: string;
  privacy?: string;
  privacy_url?: string;
}

export interface Product {
  product_id: string;
  title?: string;
  url?: string;
  image_url?: string;
  price?: number;
  list_price?: number | null;
  currency?: string;
}

export interface Decision {
  slot?: string | null;
  widget: string;
  version: number;
  type: string;
  trigger?: { on?: string; value?: number };
  content: { [field: string]: string | undefined };
  products?: Product[];
}

export interface Decided {
  id?: string;
  site?: { consent?: ConsentSite };
  decisions?: Decision[];
}

export interface Answer {
  status: number;
  after: number;
  /** Never null; an empty object if there was no answer. */
  data: any;
}

export type Fields = Record<string, unknown>;

/** What a renderer may ask of the page it is drawn on. */
export interface Stage {
  locale: string;
  theme?: string;
  nonce?: string;
  say(d: Decision, name: string, more?: Fields): void;
  subscribe(d: Decision, email: string): Promise<Answer>;
}

declare global {
  const RENDER: boolean;
  const WHOLE: boolean;
}
