import { createHmac } from 'node:crypto';
import { constantTimeEqual } from '../../../platform/crypto/index.js';
import { toleranceSeconds, type SignatureVerdict } from './verdict.js';

export interface StandardWebhook {
  /** Headers `webhook-id`, `webhook-timestamp` (unix seconds), `webhook-signature` (`v1,<base64>`, several by spaces). */
  id: string | undefined;
  timestamp: string | undefined;
  signature: string | undefined;
  body: Buffer;
  /** `whsec_` and base64. */
  secrets: readonly string[];
  now: Date;
}

/** The Standard Webhooks scheme (Svix): HMAC-SHA256 of `id.timestamp.body` under the decoded secret, in base64. */
export function verifyStandardWebhook(given: StandardWebhook): SignatureVerdict {
  const { id, timestamp, signature, body, secrets, now } = given;
  if (secrets.length === 0) return 'unconfigured';
  if (id === undefined || timestamp === undefined || signature === undefined) return 'missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'malformed';
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const expected = secrets.map((secret) => `v1,${signatureOf(secret, signed)}`);
  const matches = signature.split(' ').some((one) => expected.some((wanted) => constantTimeEqual(one, wanted)));
  if (!matches) return 'mismatch';
  const ageSeconds = Math.abs(Math.floor(now.getTime() / 1000) - Number(timestamp));
  return ageSeconds > toleranceSeconds ? 'expired' : 'valid';
}

function signatureOf(secret: string, signed: Buffer): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(signed).digest('base64');
}
