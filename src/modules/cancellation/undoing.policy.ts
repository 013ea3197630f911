import type { Actor, Outcome, UndeliveredState } from '../prescriptions/index.js';

const dayMs = 86_400_000;

/**
 * Days a carrier's word is given to turn out wrong: parcels reported lost reappear, mostly within a week, and a delivery
 * reported later still counts. Payers want a claim for what was never handed out reversed within 14 days (return to stock), so
 * a week of it stays for payers that are away. What a pharmacy or a person says needs no such time.
 */
const carrierGraceDays: Readonly<Record<UndeliveredState, number>> = { cancelled: 0, failed: 7, returned: 1 };

/** While another parcel is on its way: as long as the payers' 14 days allow. */
const arrivalGraceDays = 13;

export interface Ending {
  state: UndeliveredState;
  /** By the clock of whoever said so, which may be ahead of ours. */
  since: Date;
  saidBy: Actor['kind'] | undefined;
  /** Another parcel of it is on its way. */
  mayArrive: boolean;
}

/** A report of how the prescription ended. */
export interface LastWord {
  outcome: Outcome | undefined;
  saidBy: Actor['kind'];
}

/**
 * Who said that it ended so, whatever order the reports came in: of all who did since somebody last said otherwise, one whose word
 * starts the undoing at once before a carrier.
 * @param words in the order in which they happened
 */
export function sayerOf(state: UndeliveredState, words: readonly LastWord[]): Actor['kind'] | undefined {
  const standing = words.slice(words.findLastIndex(({ outcome }) => outcome !== state) + 1);
  return (standing.find(({ saidBy }) => saidBy !== 'carrier') ?? standing[0])?.saidBy;
}

/** When what a prescription had started begins to be undone by itself. */
export function undoneFrom({ state, since, saidBy, mayArrive }: Ending, now: Date): Date {
  const grace = saidBy === 'carrier' ? carrierGraceDays[state] : 0;
  const days = grace > 0 && mayArrive ? arrivalGraceDays : grace;
  return days === 0 && since > now ? now : new Date(since.getTime() + days * dayMs);
}
