import type { PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import type { MessageKind } from '../expected.js';
import type { Story } from '../story.js';
import { commercialCard } from './cards.js';
import { drugs } from './drugs.js';
import type { Fate } from './fate.js';

const toTheDoor = ['shipped', 'delivered'] as const satisfies readonly MessageKind[];
const paidAndDelivered = ['enrollment', 'payment link', ...toTheDoor] as const;
/** True for hours in life and for half a second here: a parcel that is there already needs no announcement. */
const perhaps = ['out for delivery'] as const;
/** A partner says when it is ready, moments before the carrier has it. */
const perhapsOfPartner = ['ready', ...perhaps] as const;
const paidOnce = { checkoutPages: 1, charges: 1, paidClaims: 1, messages: paidAndDelivered, perhaps };

/** What every covered patient goes through up to the choice of the pharmacy. */
async function untilChosen(story: Story, pharmacy: string): Promise<void> {
  await story.enroll(commercialCard(story.order.patient.externalId));
  await story.choose(pharmacy);
}

async function payAndReceive(story: Story): Promise<void> {
  await story.pay();
  await story.reached('completed');
}

export const delivered: readonly Fate[] = [
  {
    name: 'platform label',
    order: (orders) => orders.next(drugs.lisinopril, 'NY'),
    live: async (story) => {
      await story.send({ format: 'script-2017071' });
      await untilChosen(story, 'Harbor Pharmacy');
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 1000, labels: 1, ...paidOnce },
  },
  {
    name: 'partner pharmacy, named by the doctor',
    order: (orders) => named(orders.next(drugs.metformin, 'TX'), '4500011'),
    live: async (story) => {
      await story.send({ format: 'script-2023011' });
      await story.enroll(commercialCard(story.order.patient.externalId));
      await payAndReceive(story);
    },
    expected: {
      state: 'completed',
      owedCents: 1000,
      pharmacyOrders: 1,
      ...paidOnce,
      perhaps: perhapsOfPartner,
    },
  },
  {
    name: 'validation issue, corrected',
    order: (orders) => withNdc(orders.next(drugs.sertraline, 'CA'), drugs.sertraline.slice(0, 10)),
    live: async (story) => {
      await story.send({ format: 'json' });
      await story.reached('validation_issue');
      await story.stage.ops.correct(story.id, { medication: { ndc: drugs.sertraline } }, 'ndc-confirmed-by-prescriber');
      await untilChosen(story, 'Summit Pharmacy');
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 1000, labels: 1, ...paidOnce },
  },
  {
    name: 'prior authorization, approved on retry',
    order: (orders) => orders.next(drugs.semaglutideWithPriorAuthorization, 'NY'),
    live: async (story) => {
      const { payer, ops } = story.stage;
      const card = commercialCard(story.order.patient.externalId);
      await story.send({ format: 'json' });
      await untilChosen(story, 'Harbor Pharmacy');
      await story.reached('adjudication_issue');
      const number = await payer.authorize(card.cardholderId, drugs.semaglutideWithPriorAuthorization);
      await ops.retryClaim(story.id, { priorAuthNumber: number });
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 3500, labels: 1, ...paidOnce },
  },
  {
    name: 'coupon as second payer',
    order: (orders) => orders.next(drugs.apixabanWithCoupon, 'CA'),
    live: async (story) => {
      await story.send({ format: 'json' });
      await untilChosen(story, 'Summit Pharmacy');
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 1000, labels: 1, ...paidOnce, paidClaims: 2 },
  },
  {
    name: 'cash path',
    order: (orders) => orders.next(drugs.sertraline, 'NY'),
    live: async (story) => {
      await story.send({ format: 'json', path: 'cash' });
      await story.enroll();
      await story.choose('Harbor Pharmacy');
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 2750, labels: 1, ...paidOnce, paidClaims: 0 },
  },
  {
    name: 'zero copay',
    order: (orders) => orders.next(drugs.atorvastatinWithoutCopay, 'TX'),
    live: async (story) => {
      await story.send({ format: 'json' });
      await untilChosen(story, 'Cedar Partner Pharmacy');
      await story.reached('completed');
    },
    expected: {
      state: 'completed',
      owedCents: 0,
      pharmacyOrders: 1,
      paidClaims: 1,
      messages: ['enrollment', ...toTheDoor],
      perhaps: perhapsOfPartner,
    },
  },
  {
    name: 'payment link expired, replaced, paid',
    order: (orders) => orders.next(drugs.amoxicillin, 'NY'),
    live: async (story) => {
      await story.send({ format: 'json' });
      await untilChosen(story, 'Harbor Pharmacy');
      await story.reached('awaiting_payment');
      const first = await story.patient.paymentLink();
      await story.stage.payer.letExpire(first);
      await story.stage.payer.pay(await story.patient.paymentLink(first));
      await story.reached('completed');
    },
    expected: {
      state: 'completed',
      owedCents: 1000,
      labels: 1,
      ...paidOnce,
      checkoutPages: 2,
      messages: paidAndDelivered,
      byDay: ['new payment link'],
    },
  },
  {
    name: 'direct: the pharmacy bills by itself',
    order: (orders) => orders.next(drugs.lisinopril, 'TX'),
    live: async (story) => {
      await story.send({ format: 'json', path: 'direct' });
      await story.choose('Cedar Partner Pharmacy');
      await story.reached('completed');
    },
    expected: {
      state: 'completed',
      owedCents: null,
      pharmacyOrders: 1,
      messages: [],
      byDay: toTheDoor,
      perhaps: perhapsOfPartner,
    },
  },
  {
    name: 'schedule II, adult signature',
    order: (orders) => orders.next(drugs.amphetamineScheduleTwo, 'NY'),
    live: async (story) => {
      await story.send({ format: 'script-2017071' });
      await untilChosen(story, 'Harbor Pharmacy');
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 3500, labels: 1, signature: true, ...paidOnce },
  },
  {
    name: 'FHIR bundle',
    order: (orders) => orders.next(drugs.metformin, 'CA'),
    live: async (story) => {
      await story.send({ format: 'fhir' });
      await untilChosen(story, 'Summit Pharmacy');
      await payAndReceive(story);
    },
    expected: { state: 'completed', owedCents: 1000, labels: 1, ...paidOnce },
  },
];

function named(order: PrescriptionOrder, ncpdpId: string): PrescriptionOrder {
  return { ...order, pharmacy: { ncpdpId } };
}

function withNdc(order: PrescriptionOrder, ndc: string): PrescriptionOrder {
  return { ...order, medication: { ...order.medication, ndc } };
}
