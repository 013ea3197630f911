import { commercialCard } from './cards.js';
import { drugs } from './drugs.js';
import type { Fate } from './fate.js';

/** Those that do not reach the door, each for a reason that `/why` names. */
export const stopped: readonly Fate[] = [
  {
    name: 'refill too soon',
    order: (orders) => orders.next(drugs.lisinopril, 'NY'),
    live: async (story) => {
      const card = commercialCard(story.order.patient.externalId);
      await story.stage.payer.rememberFill(card.cardholderId, drugs.lisinopril, 30);
      await story.send({ format: 'json' });
      await story.enroll(card);
      await story.choose('Harbor Pharmacy');
      await story.reached('adjudication_issue');
      const { details } = await story.stage.ops.why(story.id);
      if (typeof details['nextFillDate'] !== 'string') throw new Error('no date of the next try is planned');
    },
    expected: { state: 'adjudication_issue', owedCents: null, messages: ['enrollment'] },
  },
  {
    name: 'nobody can fill it',
    order: (orders) => orders.next(drugs.adalimumabSpecialty, 'NY'),
    live: async (story) => {
      await story.send({ format: 'json' });
      await story.enroll(commercialCard(story.order.patient.externalId));
      await story.reached('routing_issue');
    },
    expected: { state: 'routing_issue', owedCents: null, messages: ['enrollment'] },
  },
  {
    name: 'cancelled after payment, refunded',
    beforeTimeRuns: true,
    order: (orders) => orders.next(drugs.metformin, 'NY'),
    live: async (story) => {
      await story.send({ format: 'json' });
      await story.enroll(commercialCard(story.order.patient.externalId));
      await story.choose('Harbor Pharmacy');
      await story.pay();
      await story.reached('shipped');
      await story.stage.ops.cancel(story.id, 'the patient changed their mind');
      await story.reached('cancelled');
    },
    expected: {
      state: 'cancelled',
      owedCents: 1000,
      labels: 1,
      voidedLabels: 1,
      checkoutPages: 1,
      charges: 1,
      refunds: 1,
      paidClaims: 1,
      reversals: 1,
      messages: ['enrollment', 'payment link'],
      perhaps: ['shipped', 'cancelled'],
    },
  },
  {
    name: 'CancelRx before dispensing',
    order: (orders) => orders.next(drugs.lisinopril, 'NY'),
    live: async (story) => {
      await story.send({ format: 'script-2017071' });
      await story.enroll(commercialCard(story.order.patient.externalId));
      await story.choose('Harbor Pharmacy');
      await story.reached('awaiting_payment');
      await story.patient.paymentLink();
      const answer = await story.stage.prescriber.cancel(story.order);
      if (!/<Approved\b/.test(answer)) throw new Error('the CancelRxResponse does not approve');
      await story.reached('cancelled');
    },
    expected: {
      state: 'cancelled',
      owedCents: 1000,
      checkoutPages: 1,
      paidClaims: 1,
      reversals: 1,
      messages: ['enrollment', 'payment link'],
      perhaps: ['cancelled'],
    },
  },
];
