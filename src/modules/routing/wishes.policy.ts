import type { PrescriptionOrder } from '../prescriptions/index.js';
import type { PharmacyFinding } from '../tickets/index.js';
import type { NamedPharmacies } from './recommendation.entity.js';
import type { ListedCandidate } from './recommendations.store.js';
import type { Ranking } from './routing.policy.js';

/** The doctor names a pharmacy on the ticket, or by NCPDP id or NPI (SCRIPT), the patient by choice on file. */
export function namedPharmacies(
  candidates: readonly ListedCandidate[],
  { pharmacy }: PrescriptionOrder,
  wished: string | undefined,
  patient: string | undefined,
): NamedPharmacies {
  const asked = wished ?? pharmacy?.ncpdpId ?? pharmacy?.npi;
  const doctor = candidates.find(({ pharmacyId, ncpdpId, npi }) => {
    if (wished !== undefined) return pharmacyId === wished;
    return asked !== undefined && (ncpdpId === pharmacy?.ncpdpId || npi === pharmacy?.npi);
  })?.pharmacyId;
  return {
    ...(doctor !== undefined && { doctor }),
    ...(asked !== undefined && doctor === undefined && { doctorUnknown: true as const }),
    ...(patient !== undefined && { patient }),
  };
}

export function refusedWish(
  { excluded }: Ranking,
  { doctor, doctorUnknown }: NamedPharmacies,
): PharmacyFinding | undefined {
  if (doctorUnknown === true) return { pharmacyId: null, reasons: [{ code: 'not-in-directory' }] };
  const refused = excluded.find(({ pharmacyId }) => pharmacyId === doctor);
  return refused && { pharmacyId: refused.pharmacyId, reasons: refused.reasons.map(({ code }) => ({ code })) };
}
