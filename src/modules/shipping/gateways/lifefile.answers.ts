import { z } from 'zod';
import { Refused, Unanswered } from '../../../platform/effects/index.js';
import type { PlacedOrder } from './pharmacy-order.port.js';

/** Nothing is known of the outcome. */
export class LifefileUnanswered extends Unanswered {
  /** @param isOver false when Lifefile may be at work on it still */
  constructor(isOver = true, waitMs?: number) {
    super('lifefile.unanswered', 'Lifefile gave no answer one can rely on', isOver, { waitMs });
  }
}

const id = z.union([z.string().min(1), z.number()]).transform(String);
const fill = z.looseObject({ fillId: id.nullish(), rxNumber: id.nullish() });
const placed = z.looseObject({ data: z.looseObject({ orderId: id, fills: z.array(fill).nullish() }) });
const success = z.looseObject({ type: z.literal('success') });
/** Its form of a no, which comes with 200 as well as with 4xx: one message, or one for each member it does not take. */
const rejection = z.looseObject({
  type: z.literal('error'),
  message: z.string().nullish(),
  messages: z.array(z.string()).nullish(),
});

/** Where a message names a member of the order, `order.patient.gender`. An email address after it would be no member. */
const member =
  /\border\.((?:general|prescriber|practice|patient|shipping|billing|document|rxs\.\d{1,2})\.[a-z]\w{1,30})\b(?!@)/i;

/** What was asked for is not taken, for the reason its code names. */
export class Rejected extends Refused {}

/**
 * Lifefile's definite no; nothing was done. Its messages may repeat what they refuse, so of them only the first member of the
 * order they name is kept: `lifefile.rejected.patient.gender`.
 * @returns undefined for a body that is not of its form
 */
export function rejectionOf(body: unknown): Rejected | undefined {
  const said = rejection.safeParse(body);
  if (!said.success) return undefined;
  const { message, messages } = said.data;
  const [, named] = member.exec([message ?? '', ...(messages ?? [])].join('\n')) ?? [];
  const code = named === undefined ? 'lifefile.rejected' : `lifefile.rejected.${named}`;
  return new Rejected(code, 'Lifefile rejected the order');
}

/** Whether it says in its own words that it did what was asked. */
export function isDone(body: unknown): boolean {
  return success.safeParse(body).success;
}

/** Whether it is a yes or a no in Lifefile's form. */
export function isLifefiles(body: unknown): boolean {
  return isDone(body) || rejection.safeParse(body).success;
}

/** @throws LifefileUnanswered when the body names no order: who refuses says so */
export function placedOf(body: unknown): PlacedOrder {
  const parsed = placed.safeParse(body);
  if (!parsed.success) throw new LifefileUnanswered();
  const { orderId, fills } = parsed.data.data;
  const only = fills?.length === 1 ? fills[0] : undefined;
  return { id: orderId, fillId: only?.fillId ?? null, rxNumber: only?.rxNumber ?? null };
}
