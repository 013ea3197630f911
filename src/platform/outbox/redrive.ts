import type { Tx } from '../db/index.js';

/** What an UPDATE sets for a row that ended as a dead letter and begins anew: all its attempts, all its patience. */
export const redriven = (now: string): string =>
  `done_at = NULL, attempts = 0, due_at = ${now}, dispatched_at = NULL, last_error = NULL, postponed_since = NULL`;

/** The dead letter of one job, found by what the job is about. */
export interface WantedLetter {
  aggregateId: string;
  subscriber: string;
  /** A member of the payload, and what it holds. */
  about: readonly [member: string, value: string];
}

/** Gives it all its attempts again, in place of a second job. @returns false when there is none */
export async function redrive(tx: Tx, letter: WantedLetter, by: string, now: Date): Promise<boolean> {
  const { aggregateId, subscriber, about } = letter;
  const rows = await tx.query(
    `WITH dead AS (
       SELECT d.id, d.outbox_id FROM dead_letters d JOIN outbox_events o ON o.id = d.outbox_id
       WHERE d.aggregate_id = $1 AND d.subscriber = $2 AND d.redriven_at IS NULL AND o.payload ->> $3 = $4
     ), noted AS (
       UPDATE dead_letters SET redriven_at = $5, redriven_by = $6 FROM dead WHERE dead_letters.id = dead.id
     )
     UPDATE outbox_events SET ${redriven('$5')}
     FROM dead WHERE outbox_events.id = dead.outbox_id RETURNING outbox_events.id`,
    [aggregateId, subscriber, ...about, now, by],
  );
  return rows.length > 0;
}
