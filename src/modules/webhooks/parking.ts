import { TryLater } from '../../platform/jobs/index.js';
import type { ReceivedWebhook, WebhookVerdict } from './webhook-sources.js';

/** A vendor may speak of a thing before the answer that made it has reached our tables. */
const graceMs = 5_000;
const waitMs = 1_000;

/**
 * Nothing of ours fits: kept until the thing it names appears (`WebhookInbox.release`), and shown to ops.
 * @throws TryLater at first: parking and booking at the same instant would miss each other
 */
export function parkedFor(
  code: string,
  related: Readonly<Record<string, unknown>>,
  { receivedAt }: ReceivedWebhook,
  now: Date,
): WebhookVerdict {
  if (now.getTime() - receivedAt.getTime() < graceMs) throw new TryLater(code, waitMs);
  return { outcome: 'parked', code, related };
}
