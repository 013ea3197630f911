import { TryLater } from '../../platform/jobs/index.js';
import type { ReceivedWebhook, WebhookVerdict } from '../webhooks/index.js';

/** The provider's events overtake one another: a refund or dispute may come before the payment it is of was settled here. */
const graceMs = 5_000;
const waitMs = 1_000;

/**
 * Nothing of ours fits: kept until the payment it names is settled (`WebhookInbox.release`), and shown to ops.
 * @throws TryLater at first: parking and settling at the same instant would miss each other
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
