import { createHmac } from 'node:crypto';

const secretPrefix = 'whsec_';

export interface Signed {
  id: string;
  sentAt: Date;
  body: string;
  /** `whsec_<base64>`, the current one first; during a rotation the former one as well. */
  secrets: readonly string[];
}

/** What the integrator knows a message by: the same on every try and every resend, so it is the key to drop repeats by. */
export function messageIdOf(eventId: string): string {
  return `msg_${eventId.replaceAll('-', '')}`;
}

/** A secret in the form of Standard Webhooks. @param random 24 to 64 bytes */
export function secretOf(random: Buffer): string {
  return `${secretPrefix}${random.toString('base64')}`;
}

/** Headers of the Standard Webhooks specification: one `v1` signature per secret, separated by spaces. */
export function signatureHeaders({ id, sentAt, body, secrets }: Signed): Record<string, string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const signatures = secrets.map((secret) => `v1,${hmac(secret, `${id}.${timestamp}.${body}`)}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

function hmac(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
