import { defineJob } from '../../platform/jobs/index.js';

/** The last step: the patient has been told, nothing is left to do. */
export const completeJob = defineJob<{ prescriptionId: string }>({
  name: 'prescriptions.complete',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['delivery_notified'],
});
