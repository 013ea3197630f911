import { defineJob } from '../../platform/jobs/index.js';

/** Clears away what nobody needs any more. */
export const cleanUpJob = defineJob<{ slot: string }>({ name: 'ops.clean_up', queue: 'maintenance', retry: 'step' });

export const cleanUpEveryMs = 3_600_000;

/** Begins the look for files nobody knows, one job per folder and page. */
export const sweepFilesJob = defineJob<{ slot: string }>({
  name: 'ops.sweep_files',
  queue: 'maintenance',
  retry: 'step',
});

/** One page of a folder; the job of the next page is part of its end. */
export const sweepFolderJob = defineJob<{ folder: string; after?: string }>({
  name: 'ops.sweep_folder',
  queue: 'maintenance',
  retry: 'vendor',
});

/** Opens a ticket for each event that has been parked for a week, and for each word or form nobody understands. */
export const ticketParkedJob = defineJob<{ slot: string }>({
  name: 'ops.ticket_parked',
  queue: 'maintenance',
  retry: 'step',
});

/** Looks again at what was parked. */
export const lookAtParkedJob = defineJob<{ slot: string }>({
  name: 'ops.look_at_parked',
  queue: 'maintenance',
  retry: 'step',
});

export const lookAtParkedEveryMs = 600_000;

export const ticketParkedEveryMs = 3_600_000;

export const sweepFilesEveryMs = 86_400_000;
