import { defineJob } from '../../platform/jobs/index.js';
import { webhookEventNames } from './event-catalog.js';

/** Writes one delivery per endpoint that wants the event, a held one where the endpoint is disabled. Organizations without endpoints are not even listened to. */
export const hearJob = defineJob<{ prescriptionId?: string }>({
  name: 'webhook-endpoints.hear',
  queue: 'bookkeeping',
  retry: 'step',
  on: webhookEventNames.map((event) => ({ event, onRequest: true })),
});

export type Try = Readonly<{ deliveryId: string; endpointId: string; round: number }>;

/** One try of one delivery. What the receiver makes of it is the delivery's; the job itself fails with our database only. */
export const deliverJob = defineJob<Try>({
  name: 'webhook-endpoints.deliver',
  queue: 'webhooks',
  retry: 'step',
});

/** The first try of a recovered delivery; the next one's turn comes with its end. */
export const deliverInTurnJob = defineJob<Try>({
  name: 'webhook-endpoints.deliver_in_turn',
  queue: 'webhooks',
  retry: 'step',
});

/** Takes up again what lost its job, and removes what is old. */
export const sweepDeliveriesJob = defineJob<{ slot: string }>({
  name: 'webhook-endpoints.sweep',
  queue: 'bookkeeping',
  retry: 'step',
});

export const sweepEveryMs = 3_600_000;
