import { defineJob } from '../../platform/jobs/index.js';

/** A pharmacy that had seen the ticket before the hand-over acknowledges by it. */
export const acknowledgeJob = defineJob<{ prescriptionId: string }>({
  name: 'desk.acknowledge',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['sent_to_pharmacy'],
});

export const readClocksJob = defineJob<{ slot: string }>({
  name: 'desk.read_clocks',
  queue: 'bookkeeping',
  retry: 'step',
});

export const clocksEveryMs = 60_000;
