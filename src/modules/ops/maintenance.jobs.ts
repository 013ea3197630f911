import { defineJob } from '../../platform/jobs/index.js';

/** Clears away what nobody needs any more. */
export const cleanUpJob = defineJob<{ slot: string }>({ name: 'ops.clean_up', queue: 'maintenance', retry: 'step' });

export const cleanUpEveryMs = 3_600_000;
