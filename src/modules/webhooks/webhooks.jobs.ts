import { defineJob } from '../../platform/jobs/index.js';

/** Hands a received event to the handler of its source. */
export const processWebhook = defineJob<{ webhookEventId: string }>({
  name: 'webhooks.process',
  queue: 'bookkeeping',
  retry: 'step',
});
