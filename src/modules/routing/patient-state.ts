import { isCorrectedSince } from '../directory/index.js';
import type { PrescriptionOrder } from '../prescriptions/index.js';

/** The state the parcel goes to, which decides licences: the order's, unless a person has corrected the one on file since. */
export function stateOf(
  { patient }: Pick<PrescriptionOrder, 'patient'>,
  onFile: { state: string | null; addressSetAt: Date | null } | undefined,
  receivedAt: Date,
): string | undefined {
  const known = onFile?.state ?? undefined;
  const stated = patient.address?.state?.trim().toUpperCase();
  const corrected = onFile !== undefined && isCorrectedSince(onFile, receivedAt);
  return corrected ? (known ?? stated) : (stated ?? known);
}
