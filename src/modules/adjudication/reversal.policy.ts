import type { PrescriptionState } from '../prescriptions/index.js';

/**
 * A claim whose copay is asked for or paid is taken back together with the prescription only: otherwise the patient would pay
 * for a claim that is gone.
 */
const reversibleStates: ReadonlySet<PrescriptionState> = new Set([
  'pharmacy_selected',
  'adjudication_issue',
  'cancelled',
  'failed',
  'returned',
]);

/** Whether claims of a prescription in this state may be taken back by themselves. */
export function isReversible(state: PrescriptionState): boolean {
  return reversibleStates.has(state);
}
