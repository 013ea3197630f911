import { defineJob } from '../../platform/jobs/index.js';

/** Vendor retries: a step waits as long as the vendor it speaks to may be away. */
export const compensateJob = defineJob<{ prescriptionId: string }>({
  name: 'cancellation.compensate',
  queue: 'steps',
  retry: 'vendor',
  on: ['cancelled'],
});
