import type { Prescription } from '../prescriptions/index.js';
import type { FillFacts } from './claims.store.js';

export type FilledOrder = Pick<Prescription, 'schedule'>;

/**
 * What of the directory's line does not fit the order as it was validated: codes of `reject.policy`. The line may have come, or
 * changed, since; a retry of the claim holds nothing to it, another validation does.
 */
export function misfitsOf(order: FilledOrder, line: Pick<FillFacts, 'drugSchedule'>): string[] {
  // A line without a schedule takes none away: states control more than federal law does.
  const otherSchedule = line.drugSchedule !== null && line.drugSchedule !== order.schedule;
  return otherSchedule ? ['order.schedule-differs'] : [];
}
