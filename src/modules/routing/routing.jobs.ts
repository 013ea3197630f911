import { defineJob } from '../../platform/jobs/index.js';

// A type, not an interface: payloads must be index-compatible.
export type RecommendPayload = { prescriptionId: string; refusedPharmacyId?: string };

/**
 * The direct path has no enrollment. `reroute_requested` comes from adjudication with the pharmacy the payer refused as
 * out of network.
 */
export const recommendJob = defineJob<RecommendPayload>({
  name: 'routing.recommend',
  queue: 'steps',
  retry: 'step',
  on: ['enrollment_completed', { event: 'prescription_validated', variant: 'direct' }, 'reroute_requested'],
});
