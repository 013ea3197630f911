export { Keyring, type Place } from './keyring.js';
export { constantTimeEqual, hmacSha256, isHmacSha256, newToken, sha256 } from './digests.js';
