import { defineJob } from '../../platform/jobs/index.js';

export const beginJob = defineJob<{ prescriptionId: string }>({
  name: 'enrollment.begin',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['prescription_validated'],
});

/** What a patient has just put on file may be all that other prescriptions wait for. Enqueued by whoever completes an enrollment. */
export const skipOthersJob = defineJob<{ patientId: string }>({
  name: 'enrollment.skip_others',
  queue: 'bookkeeping',
  retry: 'step',
});

/** `claimedAt`: when the claim that was rejected was made. A type, not an interface: payloads must be index-compatible. */
export type CardCheckPayload = { prescriptionId: string; claimedAt?: string };

/** Sends the link on which the patient checks a card the payer does not know. */
export const cardCheckJob = defineJob<CardCheckPayload>({
  name: 'enrollment.card_check',
  queue: 'steps',
  retry: 'step',
  on: ['card_check_requested'],
});

/** Deletes what outlived its use: sealed tokens, ended sessions and the pictures nobody made part of a coverage. */
export const sweepJob = defineJob<{ slot: string }>({ name: 'enrollment.sweep', queue: 'maintenance', retry: 'step' });

export const sweepEveryMs = 15 * 60_000;

/** What notifications listens to, beside `enrollment_started`. Payloads: ids only. */
export const linkRenewedEvent = 'enrollment_link_renewed';
export const cardCheckLinkEvent = 'card_check_link_created';
export const codeRequestedEvent = 'enrollment_code_requested';
/** A card was corrected while a claim stands rejected. */
export const coverageCorrectedEvent = 'coverage_corrected';
