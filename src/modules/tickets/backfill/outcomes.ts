/** What the backfill does, in the order of the table it ends with. */
export const changes = {
  'ticket-prescription': 'ticket that did not know its prescription, and does now',
  'ticket-thread': 'ticket with a party and without a thread, which has one now',
  'thread-linked': 'thread of the older system that is the thread of its ticket now',
} as const;
export type Change = keyof typeof changes;

/**
 * Why a thread of the older system stays what it was. Linking never shows a message to a pharmacy that could not read it, and
 * never takes one away. What is not linked is still found by `threadOfOrder`.
 */
export const reasons = {
  'no-order': 'names no order; a ticket is not invented for it',
  'order-not-an-id': 'order_id is no id and metadata.prescription_id does not say more: numbers of prescribers repeat',
  'order-unknown': 'there is no such prescription',
  ambiguous: 'order_id and metadata.prescription_id lead to different tickets',
  'other-organization': 'the prescription belongs to another organization',
  'target-missing': 'does not say which pharmacy (metadata.target_id)',
  'other-pharmacy': 'is with a pharmacy the ticket is not at now',
  'other-party': 'a doctor or patient takes part in it who is not the one of the ticket',
  'not-sent': 'the ticket was not sent yet, its pharmacy would lose the thread; run again later',
  'ticket-has-thread': 'the ticket has a thread in which something was said, or that came from the older system',
} as const;
export type Reason = keyof typeof reasons;

export type Outcome = Change | Reason;
export type Counts = Readonly<Record<Outcome, number>>;

export const meanings: Readonly<Record<Outcome, string>> = { ...changes, ...reasons };

export function noCounts(): Record<Outcome, number> {
  return Object.fromEntries(Object.keys(meanings).map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}
