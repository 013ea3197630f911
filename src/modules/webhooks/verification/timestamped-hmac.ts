import { constantTimeEqual, hmacSha256 } from '../../../platform/crypto/index.js';
import { toleranceSeconds, type SignatureVerdict } from './verdict.js';

export interface TimestampedHmac {
  /** `t=<unix seconds>,v1=<hex>[,v1=<hex>]`; schemes other than v1 are ignored. */
  header: string | undefined;
  /** The body as it came. */
  body: Buffer;
  /** All that are active: the current one and the one being rotated out. */
  secrets: readonly string[];
  now: Date;
}

/** Stripe's scheme, which Shippo's `Shippo-Auth-Signature` repeats: HMAC-SHA256 of `t.body`, in hex. */
export function verifyTimestampedHmac({ header, body, secrets, now }: TimestampedHmac): SignatureVerdict {
  if (secrets.length === 0) return 'unconfigured';
  if (header === undefined || header === '') return 'missing';
  const { seconds, signatures } = read(header);
  if (seconds === undefined || signatures.length === 0) return 'malformed';
  const signed = Buffer.concat([Buffer.from(`${seconds}.`), body]);
  const expected = secrets.map((secret) => hmacSha256(secret, signed));
  const matches = signatures.some((given) => expected.some((wanted) => constantTimeEqual(given, wanted)));
  if (!matches) return 'mismatch';
  const ageSeconds = Math.abs(Math.floor(now.getTime() / 1000) - Number(seconds));
  return ageSeconds > toleranceSeconds ? 'expired' : 'valid';
}

function read(header: string): { seconds: string | undefined; signatures: string[] } {
  const parts = header.split(',').map((part) => part.trim());
  const valuesOf = (scheme: string) =>
    parts.filter((part) => part.startsWith(`${scheme}=`)).map((part) => part.slice(scheme.length + 1));
  const [seconds] = valuesOf('t').filter((value) => /^\d{1,12}$/.test(value));
  return { seconds, signatures: valuesOf('v1').map((value) => value.toLowerCase()) };
}
