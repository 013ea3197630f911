import type { PrescriptionOrder } from '../../prescriptions/index.js';
import type { PostalAddress } from './label-gateway.port.js';

/** The pharmacy no longer cancels: it has shipped the order, or closed it. */
export const orderGone = 'shipping.order-gone';

/** A partner pharmacy's own system. A refusal is `Refused`, no answer is any other error. */
export abstract class PharmacyOrderGateway {
  /** Whether it can be asked for an order by our reference. Most cannot. */
  abstract readonly hasLookup: boolean;
  /** A repeat is a second order: never after an unanswered try, unless it is known that nothing came of that. */
  abstract place(order: PharmacyOrder): Promise<PlacedOrder>;
  /** By our reference; only with `hasLookup`. @returns undefined when it says that it has none */
  abstract find(referenceId: string): Promise<PlacedOrder | undefined>;
  /**
   * A repeat is harmless.
   * @throws Refused `shipping.order-gone` when the medicine has left the pharmacy, `shipping.pharmacy-to-be-told` when it takes no
   *   cancel this way
   */
  abstract cancel(orderId: string): Promise<{ id: string }>;
}

export interface PharmacyOrder {
  /** Our prescription id: what the pharmacy's reports will name. */
  referenceId: string;
  /** Our number of the prescription. */
  rxNumber: number;
  practiceId: string | null;
  /** IANA zone of the pharmacy. */
  timeZone: string;
  sentAt: Date;
  serviceLevel: string;
  /** Only an adult may take the parcel: a controlled drug. */
  adultSignature: boolean;
  /** Who pays the pharmacy: it bills by itself on the direct path. */
  payer: 'patient' | 'practice';
  order: PrescriptionOrder;
  /** Dose form in words. */
  form: string | undefined;
  /** What is dispensed: as ordered, or less where the limit of the plan made it so. */
  fill: { quantity: number | null; daysSupply: number | null };
  recipient: {
    firstName: string;
    lastName: string;
    birthDate: string;
    gender: string | null;
    email?: string | undefined;
  };
  address: PostalAddress;
  prescriber: { npi: string; dea: string | null; firstName: string; lastName: string; phone: string | null };
}

/** A type, not an interface: it is kept as JSON in the effect ledger. */
export type PlacedOrder = {
  /** The pharmacy's order id. */
  id: string;
  fillId: string | null;
  /** The pharmacy's number of the prescription. */
  rxNumber: string | null;
};
