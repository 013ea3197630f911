import type { SentOrder } from '../../src/demo/actors/prescriber.js';
import type { Expected } from '../../src/demo/expected.js';
import { drugs } from '../../src/demo/fates/drugs.js';
import type { Orders } from '../../src/demo/orders.js';
import type { PrescriptionOrder } from '../../src/modules/prescriptions/order/index.js';

/** One way through the pipeline: what is ordered, how the people decide, and the effects there must be at the end. */
export interface Kind {
  name: string;
  order: (orders: Orders) => PrescriptionOrder;
  sent: Omit<SentOrder, 'order'>;
  insured: boolean;
  /** Chosen by operations. */
  pharmacy: string;
  /** Instead of paying, the patient has it cancelled. */
  cancelled?: true;
  expected: Expected;
}

const told = ['enrollment', 'payment link', 'delivered'] as const;
/**
 * A parcel arrives here within two seconds, often while the application is down: these are overtaken at times, and then
 * kept as no longer true. The verdict looks for what was kept.
 */
const perhaps = ['shipped', 'out for delivery'] as const;
/** A partner says when it is ready, moments before the carrier has it. */
const perhapsOfPartner = ['ready', ...perhaps] as const;
const bought = { checkoutPages: 1, charges: 1, messages: told, perhaps };

export const kinds: readonly Kind[] = [
  {
    name: 'insured, platform label',
    order: (orders) => orders.next(drugs.lisinopril, 'NY'),
    sent: { format: 'script-2017071' },
    insured: true,
    pharmacy: 'Harbor Pharmacy',
    expected: { state: 'completed', owedCents: 1000, labels: 1, paidClaims: 1, ...bought },
  },
  {
    name: 'insured, partner pharmacy named by the doctor',
    order: (orders) => ({ ...orders.next(drugs.metformin, 'TX'), pharmacy: { ncpdpId: '4500011' } }),
    sent: { format: 'script-2023011' },
    insured: true,
    pharmacy: 'Cedar Partner Pharmacy',
    expected: {
      state: 'completed',
      owedCents: 1000,
      pharmacyOrders: 1,
      paidClaims: 1,
      ...bought,
      perhaps: perhapsOfPartner,
    },
  },
  {
    name: 'cash',
    order: (orders) => orders.next(drugs.sertraline, 'NY'),
    sent: { format: 'json', path: 'cash' },
    insured: false,
    pharmacy: 'Harbor Pharmacy',
    expected: { state: 'completed', owedCents: 2750, labels: 1, ...bought },
  },
  {
    name: 'direct',
    order: (orders) => orders.next(drugs.lisinopril, 'TX'),
    sent: { format: 'json', path: 'direct' },
    insured: false,
    pharmacy: 'Cedar Partner Pharmacy',
    expected: {
      state: 'completed',
      owedCents: null,
      pharmacyOrders: 1,
      messages: [],
      byDay: ['delivered'],
      perhaps: perhapsOfPartner,
    },
  },
  {
    name: 'zero copay',
    order: (orders) => orders.next(drugs.atorvastatinWithoutCopay, 'CA'),
    sent: { format: 'fhir' },
    insured: true,
    pharmacy: 'Summit Pharmacy',
    expected: {
      state: 'completed',
      owedCents: 0,
      labels: 1,
      paidClaims: 1,
      messages: ['enrollment', 'delivered'],
      perhaps,
    },
  },
  {
    name: 'coupon as second payer',
    order: (orders) => orders.next(drugs.apixabanWithCoupon, 'CA'),
    sent: { format: 'json' },
    insured: true,
    pharmacy: 'Summit Pharmacy',
    expected: { state: 'completed', owedCents: 1000, labels: 1, paidClaims: 2, ...bought },
  },
  {
    name: 'cancelled instead of paid',
    order: (orders) => orders.next(drugs.metformin, 'CA'),
    sent: { format: 'json' },
    insured: true,
    pharmacy: 'Summit Pharmacy',
    cancelled: true,
    expected: {
      state: 'cancelled',
      owedCents: 1000,
      checkoutPages: 1,
      paidClaims: 1,
      reversals: 1,
      messages: ['enrollment'],
      // No longer true when it is cancelled first; texts of a cancel wait for the day.
      perhaps: ['payment link', 'cancelled'],
    },
  },
];
