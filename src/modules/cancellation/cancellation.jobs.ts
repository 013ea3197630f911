import { defineJob } from '../../platform/jobs/index.js';
import type { Actor } from '../prescriptions/index.js';

/** Plans the undoing of what did not reach the patient: at once, or when a carrier's word has had time to turn out wrong. */
export const undeliveredJob = defineJob<{ prescriptionId: string }>({
  name: 'cancellation.undelivered',
  queue: 'steps',
  retry: 'step',
  on: ['failed', 'returned', 'end_confirmed'],
});

/** Vendor retries: a step waits as long as the vendor it speaks to may be away. */
export const compensateJob = defineJob<{ prescriptionId: string }>({
  name: 'cancellation.compensate',
  queue: 'undoing',
  retry: 'vendor',
  on: ['cancelled'],
});

/** Refunds what a cardholder's bank gave back after the undoing had found nothing to refund. */
export const moneyBackJob = defineJob<{ prescriptionId: string }>({
  name: 'cancellation.money_back',
  queue: 'undoing',
  retry: 'vendor',
  on: ['payment_dispute_closed'],
});

/** Who asked; ids only. */
export type ResumePayload = { prescriptionId: string; actorKind: Actor['kind']; actorId?: string };

/** Ends a cancel whose request came to no end: the process died, or the carrier did not say what became of the label. */
export const resumeCancelJob = defineJob<ResumePayload>({
  name: 'cancellation.resume',
  queue: 'undoing',
  retry: 'vendor',
});
