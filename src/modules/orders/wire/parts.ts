/** What CarePortals says, in our words. Instants are ISO text and amounts integers, so a part can be stored as JSON. */

export interface Contact {
  externalId?: string;
  email?: string;
  phone?: string;
  firstName?: string;
  lastName?: string;
}

export const reductionTypes = ['dollar', 'percent'] as const;
export type ReductionType = (typeof reductionTypes)[number];

export interface LineItem {
  productId?: string;
  sku?: string;
  name?: string;
  drugName?: string;
  quantity: number;
  listPriceCents?: number;
  priceCents?: number;
  discountCents?: number;
  /** Cents, or hundredths of a percent. */
  reductionHundredths?: number;
  reductionType?: ReductionType;
  /** The coupon or promotion behind the discount. */
  discountReference?: string;
  isSubscription: boolean;
}

export interface Address {
  name?: string;
  line1?: string;
  line2?: string;
  city?: string;
  state?: string;
  zip?: string;
  country?: string;
  phone?: string;
}

export const addressKinds = ['shipping', 'billing'] as const;
export type AddressKind = (typeof addressKinds)[number];

export interface TrackingNote {
  number?: string;
  carrier?: string;
  url?: string;
  estimatedDelivery?: string;
}

export interface OrderNames {
  /** `_id`: CarePortals' own. */
  externalId?: string;
  /** `id`: what the customer reads. */
  number?: string;
}

/** One body about an order: the simple one, the full one, or a later update. */
export interface OrderPart extends OrderNames {
  /** What an update calls its order beside `_id`: the number, where nobody says one. */
  otherName?: string;
  source?: string;
  coupon?: string;
  currency?: string;
  baseCents?: number;
  discountCents?: number;
  creditCents?: number;
  totalCents?: number;
  reductionType?: ReductionType;
  placedAt?: string;
  lineItems?: LineItem[];
  shipping?: Address;
  billing?: Address;
  tracking?: TrackingNote;
}

export interface StatusEntry {
  word: string;
  at?: string;
}

export interface OrderNews {
  kind: 'order';
  /** `order.created`: an unknown order is made; an update of one waits for it. */
  creates: boolean;
  part: OrderPart;
  /** `orderId` of an update: one of the names of the order, the sender does not say which. */
  orderId?: string;
  contact: Contact;
  statuses: StatusEntry[];
  /** Codes of what could not be read, and hinders nothing. */
  findings: string[];
  saidAt?: string;
}

export interface SubscriptionNews {
  kind: 'subscription';
  word: 'cancelled' | 'paused';
  externalId?: string;
  contact: Contact;
  product?: string;
  source?: string;
  coupon?: string;
  reason?: string;
  totalCents?: number;
  startedAt?: string;
  saidAt?: string;
}

export interface PrescriptionNews {
  kind: 'prescription';
  externalId?: string;
  contact: Contact;
  order: OrderNames;
  drugName?: string;
  quantity?: string;
  status?: string;
  saidAt?: string;
}

export type News = OrderNews | SubscriptionNews | PrescriptionNews;
