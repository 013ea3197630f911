import { createHmac } from 'node:crypto';

/** `t=…,v1=…` over `t.body`, as Stripe and Shippo sign. */
export function timestamped(secret: string, body: string, at = new Date()): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

export function hexHmac(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Twilio: URL followed by every form field, sorted by name, name and value run together. */
export function twilioSignature(authToken: string, url: string, body: string): string {
  const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = fields.reduce((signed, [name, value]) => signed + name + value, url);
  return createHmac('sha1', authToken).update(text).digest('base64');
}
