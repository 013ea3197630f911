import { isPharmacyNamed, pharmacyNamed } from '../directory/index.js';
import type { PrescriptionOrder } from '../prescriptions/index.js';
import type { PharmacyFinding } from '../tickets/index.js';
import type { NamedPharmacies } from './recommendation.entity.js';
import type { ListedCandidate } from './recommendations.store.js';
import type { Ranking } from './routing.policy.js';

/** The doctor names a pharmacy on the ticket, or by NCPDP id, NPI or name (SCRIPT), the patient by choice on file. */
export function namedPharmacies(
  candidates: readonly ListedCandidate[],
  { pharmacy }: PrescriptionOrder,
  wished: string | undefined,
  patient: string | undefined,
): NamedPharmacies {
  const doctor =
    wished === undefined
      ? pharmacyNamed(candidates, pharmacy ?? {})?.pharmacyId
      : candidates.find(({ pharmacyId }) => pharmacyId === wished)?.pharmacyId;
  const isAsked = wished !== undefined || isPharmacyNamed(pharmacy);
  return {
    ...(doctor !== undefined && { doctor }),
    ...(isAsked && doctor === undefined && { doctorUnknown: true as const }),
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
