import { defineJob } from '../../platform/jobs/index.js';

// A type, not an interface: payloads must be index-compatible.
export type ValidatePayload = { prescriptionId: string };

/** A resubmitted prescription is received again, so its new version comes the same way. */
export const validateJob = defineJob<ValidatePayload>({
  name: 'validation.validate',
  queue: 'steps',
  retry: 'step',
  on: ['intake_received'],
});
