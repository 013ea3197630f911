import type { PrescriptionPath } from '../prescriptions/index.js';
import type { NotificationEvent, SuppressionReason } from './notification.words.js';
import type { Reach } from './reach.policy.js';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Between writing a text and the vendor's taking it; a reminder due a day after its letter is a day later all the same. */
const sendingMs = 15 * minute;

/** 47 CFR 64.1200(a)(9)(iv): what a number may get of health care whose owner has agreed to no texts. */
const caps = [
  { most: 1, withinMs: day - sendingMs },
  { most: 3, withinMs: 7 * day - sendingMs },
] as const;

/** Texts further away than this count for nothing. */
export const longestCapMs = Math.max(...caps.map(({ withinMs }) => withinMs));

/** Told only once the patient has enrolled, which takes the consent. The direct path has no enrollment. */
const behindEnrollment: ReadonlySet<NotificationEvent> = new Set([
  'card_check_link_created',
  'payment_link_created',
  'payment_link_renewed',
  'payment_reminder',
  'ready_for_pickup',
  'shipping_label_generated',
  'out_for_delivery',
  'delivered',
  'picked_up',
  'undelivered',
]);

/** The person who asks for it waits before the page. */
export const askedFor: NotificationEvent = 'enrollment_code_requested';

/** What somebody asks for or sends anew: of a patient who calls, the link they had is dead by it. */
const byHand: ReadonlySet<NotificationEvent> = new Set([askedFor, 'enrollment_link_renewed']);

/** What the caps do not hold back, so that consent need not be looked up. */
export function isExempt(event: NotificationEvent, path: PrescriptionPath | undefined): boolean {
  return byHand.has(event) || (path !== undefined && path !== 'direct' && behindEnrollment.has(event));
}

/** `at` itself, or the next moment at which one more text is within the caps. @param others when texts went, or are to go */
export function nextTextAt(at: Date, others: readonly Date[]): Date {
  const ends = others.flatMap((other) => caps.map(({ withinMs }) => new Date(other.getTime() + withinMs)));
  const moments = [at, ...ends.filter((end) => end > at)].toSorted((a, b) => a.getTime() - b.getTime());
  return moments.find((moment) => isWithin(moment, others)) ?? at;
}

function isWithin(moment: Date, others: readonly Date[]): boolean {
  const apart = others.map((other) => Math.abs(other.getTime() - moment.getTime()));
  return caps.every(({ most, withinMs }) => apart.filter((ms) => ms < withinMs).length < most);
}

/** One text too many is left to the other channels; when there is none it waits, unless what it says would be stale by then. */
export function cappedReaches(reaches: readonly Reach[], mayWait: boolean): Reach[] {
  const isToldOtherwise = reaches.some(({ channel, suppressed }) => channel !== 'sms' && suppressed === undefined);
  if (mayWait && !isToldOtherwise) return [...reaches];
  const capped: SuppressionReason = 'capped';
  return reaches.map((reach) =>
    reach.channel === 'sms' ? { ...reach, suppressed: reach.suppressed ?? capped } : reach,
  );
}
