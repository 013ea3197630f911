import type { SignatureVerdict } from '../../webhooks/index.js';
import type { OfferedRate, Parcel } from '../parcel.policy.js';
import type { TrackingReport } from '../tracking.policy.js';

/** The carrier has the parcel: its label is used. */
export const voidRefused = 'shipping.void-refused';

/** The carrier has seen nothing of the parcel and does not take its label back all the same. */
export const notRefunded = 'shipping.label-not-refunded';

/** Buys and voids labels and knows where parcels are. A refusal is `Refused`, no answer is any other error. */
export abstract class LabelGateway {
  /** False without credentials: every other method then throws Unrecoverable `vendor.off`. */
  abstract readonly isOn: boolean;

  /**
   * Checks the address and asks what a parcel costs. Costs nothing, so it may be repeated.
   * @throws Refused `shipping.address-refused`, `shipping.no-rate`
   */
  abstract quote(request: QuoteRequest): Promise<Quote>;

  /** Buys. There is no idempotency key: after an unanswered try call `find` first. */
  abstract buy(purchase: { rateId: string; reference: string }): Promise<BoughtLabel>;

  /** The label bought for a rate, if any. @throws while a purchase of that rate is still under way */
  abstract find(rateId: string): Promise<BoughtLabel | undefined>;

  /** The label's PDF. */
  abstract document(transactionId: string): Promise<Buffer>;

  /** Gives a label back. @throws Refused `shipping.void-refused` once the carrier has scanned it, `shipping.label-not-refunded` */
  abstract void(transactionId: string): Promise<VoidedLabel>;

  /** Undefined while the label is valid. */
  abstract findVoid(transactionId: string): Promise<VoidedLabel | undefined>;

  /** Asks to be told about a number somebody else made. */
  abstract follow(carrier: string, trackingNumber: string): Promise<void>;

  /** Everything the carrier has said so far. */
  abstract track(carrier: string, trackingNumber: string): Promise<TrackingReport[]>;

  /** Checks who sent a webhook: whatever is presented must be right, and something must be. */
  abstract verify(webhook: {
    raw: Buffer;
    signature?: string | undefined;
    token?: string | undefined;
    now: Date;
  }): SignatureVerdict;

  /** @returns undefined when the body is not what the vendor documents */
  abstract read(raw: Buffer): TrackingNews | undefined;
}

export interface PostalAddress {
  name: string;
  line1: string;
  line2?: string | undefined;
  city: string;
  state: string;
  zip: string;
  phone?: string | undefined;
  email?: string | undefined;
}

export interface QuoteRequest {
  /** Our id; nothing about a person. */
  reference: string;
  from: PostalAddress;
  to: PostalAddress;
  parcel: Parcel;
  serviceLevel: string;
  /** Controlled substances are handed to an adult only. */
  adultSignature: boolean;
}

/** Types, not interfaces: they are kept as JSON in the effect ledger. */
export type Quote = {
  id: string;
  rateId: string;
} & Omit<OfferedRate, 'id' | 'estimatedDays'> & { estimatedDays: number | null };

export type BoughtLabel = {
  /** The vendor's transaction id. */
  id: string;
  rateId: string;
  trackingNumber: string;
  /** YYYY-MM-DD */
  estimatedDelivery: string | null;
};

export type VoidedLabel = { id: string; state: string };

export interface TrackingNews {
  eventType: string;
  /** Absent for events that are not about a parcel's way. */
  track?: {
    carrier: string;
    trackingNumber: string;
    /** Absent when the status is a word nobody documented. */
    report: TrackingReport | undefined;
    /** The status as sent. */
    word: string;
  };
}
