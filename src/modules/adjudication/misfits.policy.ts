import { isCountedAs } from '../directory/quantity-units/index.js';
import type { Prescription } from '../prescriptions/index.js';
import type { FillFacts } from './claims.store.js';

export type FilledOrder = Pick<Prescription, 'schedule' | 'quantityUnit'>;

/**
 * What of the directory's line does not fit the order as it was validated: codes of `reject.policy`. The line may have come, or
 * changed, since; a retry of the claim holds nothing to it, another validation does.
 */
export function misfitsOf(
  { schedule, quantityUnit }: FilledOrder,
  { drugSchedule, drugUnit }: Pick<FillFacts, 'drugSchedule' | 'drugUnit'>,
): string[] {
  // A line without a schedule takes none away: states control more than federal law does.
  const otherSchedule = drugSchedule !== null && drugSchedule !== schedule;
  const otherUnit = drugUnit !== null && quantityUnit !== null && !isCountedAs(quantityUnit, drugUnit);
  return [...(otherSchedule ? ['order.schedule-differs'] : []), ...(otherUnit ? ['order.unit-differs'] : [])];
}
