export { verifyCredentials, type PresentedCredentials, type SourceCredentials } from './credentials.js';
export { verifyHexHmac, type HexHmac } from './hex-hmac.js';
export { verifySharedSecret } from './shared-secret.js';
export { verifyTimestampedHmac, type TimestampedHmac } from './timestamped-hmac.js';
export { toleranceSeconds, type SignatureVerdict } from './verdict.js';
