import type { PostalAddress } from './patient-match.policy.js';
import { isCorrectedSince } from './patient-profile.js';

type CompleteAddress = PostalAddress & Required<Omit<PostalAddress, 'line2'>>;

/**
 * Where what was ordered goes: the licence routing looks for and the label shipping buys are for one address. It is the order's,
 * unless a person has corrected the one on file since; never a mixture of two. One without a street says the state only while
 * no complete one is known.
 */
export function deliveryAddressOf(
  stated: PostalAddress | undefined,
  onFile: { address?: PostalAddress; addressSetAt: Date | null } | undefined,
  receivedAt: Date,
): PostalAddress | undefined {
  const corrected = onFile !== undefined && isCorrectedSince(onFile, receivedAt);
  const addresses = corrected ? [onFile.address, stated] : [stated, onFile?.address];
  return addresses.find(isComplete) ?? addresses.find((address) => address?.state);
}

export function isComplete(address: PostalAddress | undefined): address is CompleteAddress {
  const { line1, city, state, zip } = address ?? {};
  return Boolean(line1 && city && state && zip);
}
