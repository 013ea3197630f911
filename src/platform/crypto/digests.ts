import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export function sha256(value: string | Buffer): string {
  return createHash('sha256').update(value).digest('hex');
}

export function hmacSha256(secret: string, value: string | Buffer): string {
  return createHmac('sha256', secret).update(value).digest('hex');
}

/** Whether `hex`, 64 digits of either case, is the HMAC of the value; the time it takes does not tell where it differs. */
export function isHmacSha256(hex: string, secret: string, value: string | Buffer): boolean {
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(value).digest());
}

/** Compares without telling by time where the difference is; digests first, so lengths do not matter either. */
export function constantTimeEqual(left: string, right: string): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());
}

/** An opaque token of 256 bits for links, refresh tokens and API keys; store only its `sha256`. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
