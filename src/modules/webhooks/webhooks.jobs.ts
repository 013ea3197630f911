import { defineJob } from '../../platform/jobs/index.js';

/** Hands a received event to the handler of its source. */
export const processWebhook = defineJob<{ webhookEventId: string }>({
  name: 'webhooks.process',
  queue: 'bookkeeping',
  retry: 'step',
});

/** Hands out the next events of a range that somebody replays. */
export const replayWebhooks = defineJob<{ replayId: string; after?: string }>({
  name: 'webhooks.replay',
  queue: 'bookkeeping',
  retry: 'step',
});
