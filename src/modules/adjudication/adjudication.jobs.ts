import { defineJob } from '../../platform/jobs/index.js';

export const adjudicateJob = defineJob<{ prescriptionId: string }>({
  name: 'adjudication.adjudicate',
  queue: 'claims',
  retry: 'vendor',
  on: ['pharmacy_selected'],
});

/** Due on the morning of the next fill date a payer named (reject 79). */
export const resubmitJob = defineJob<{ prescriptionId: string; attempt: number }>({
  name: 'adjudication.resubmit',
  queue: 'steps',
  retry: 'step',
});

/** Of a prior authorization; `dueAt` says which clock, as it may start anew. A type, not an interface: payloads must be index-compatible. */
export type AuthorizationClock = { prescriptionId: string; dueAt: string };

/** The clock of a prior authorization ran out. */
export const authorizationDueJob = defineJob<AuthorizationClock>({
  name: 'adjudication.authorization_due',
  queue: 'steps',
  retry: 'step',
});

/** A person asked for a reversal (B2). */
export const reverseJob = defineJob<{ claimId: string }>({
  name: 'adjudication.reverse',
  queue: 'claims',
  retry: 'vendor',
});

/** The patient gave another card, or chose cash, while a claim stood rejected (`coverage_corrected` comes from enrollment). */
export const retryWithCoverageJob = defineJob<{ prescriptionId: string }>({
  name: 'adjudication.retry_with_coverage',
  queue: 'steps',
  retry: 'step',
  on: ['coverage_corrected'],
});

/** A payer does not know the card: the patient is to check it. Enrollment sends the link. Payload: ids, and when the claim was made. */
export const cardCheckRequestedEvent = 'card_check_requested';
