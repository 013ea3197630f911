import { constantTimeEqual } from '../../../platform/crypto/index.js';
import type { SignatureVerdict } from './verdict.js';

/** For senders that sign nothing and carry a secret in the address instead (Shippo's `?token=`). */
export function verifySharedSecret(given: string | undefined, secrets: readonly string[]): SignatureVerdict {
  if (secrets.length === 0) return 'unconfigured';
  if (given === undefined || given === '') return 'missing';
  return secrets.map((secret) => constantTimeEqual(given, secret)).includes(true) ? 'valid' : 'mismatch';
}
