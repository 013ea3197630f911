import { states, undeliveredStates, type PrescriptionState } from '../prescriptions/index.js';
import type { ClaimRecord } from './claim.entity.js';
import { unreadable } from './gateways/claim-switch.port.js';

type Judged = Pick<ClaimRecord, 'state' | 'conflict'>;

/** The payer's own no to a B2. */
export const reversalRefused = 'claim.reversal-refused';

/** Ends of a reversal after which the claim stands. After any other failure nobody knows whether it does. */
export const claimStandsAfter: readonly string[] = [reversalRefused, ...unreadable];

/**
 * Before the copay is asked for nothing rests on a claim, also of an order that is validated anew. From then on it is taken back
 * together with the prescription only: otherwise the patient would pay for a claim that is gone.
 */
const reversibleStates: ReadonlySet<PrescriptionState> = new Set([
  ...states.slice(0, states.indexOf('adjudicated')),
  'adjudication_issue',
  ...undeliveredStates,
]);

/** Whether claims of a prescription in this state may be taken back by themselves. */
export function isReversible(state: PrescriptionState): boolean {
  return reversibleStates.has(state);
}

/** Rejected with a conflict means that the payer also said paid, and may pay. */
export function isOpenConflict({ state, conflict }: Judged): boolean {
  return state === 'rejected' && conflict;
}

/** The payer has said that it pays, or has paid and took it back. */
export function isAnswered({ state, conflict }: Judged): boolean {
  return state === 'paid' || conflict;
}

/** It was sent, or was to be, and nobody has the payer's word on it. */
export function isUnanswered({ state }: Pick<Judged, 'state'>): boolean {
  return state === 'submitted' || state === 'unknown';
}

/** What a payer may pay for, as far as is known. */
export function mayBePaid(claim: Judged): boolean {
  return claim.state === 'paid' || isUnanswered(claim) || isOpenConflict(claim);
}
