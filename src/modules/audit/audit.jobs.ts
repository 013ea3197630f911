import { defineJob } from '../../platform/jobs/index.js';

/** Compares the newest part of every chain with its anchors. */
export const checkTrailJob = defineJob<{ slot: string }>({
  name: 'audit.check_trail',
  queue: 'maintenance',
  retry: 'step',
});

export const checkTrailEveryMs = 3_600_000;
