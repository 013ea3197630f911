import { normalizeNdc } from '../directory/index.js';
import type { PrescriptionOrder } from '../prescriptions/index.js';

/** What a digital signature stands for (21 CFR 1311.120(b)(9)) and a correction may not change beneath it. */
const signedTexts: readonly ((order: PrescriptionOrder) => string | undefined)[] = [
  ({ writtenDate }) => writtenDate,
  ({ patient }) => patient.firstName,
  ({ patient }) => patient.lastName,
  ({ patient }) => patient.birthDate,
  ({ prescriber }) => prescriber.npi,
  ({ prescriber }) => prescriber.dea,
  ({ medication }) => medication.description,
  ({ medication }) => medication.strength,
  ({ medication }) => medication.rxnormCode,
];

/** Less may be filled than was signed for, never more. */
const signedAmounts: readonly ((order: PrescriptionOrder) => number | undefined)[] = [
  ({ medication }) => medication.quantity,
  ({ medication }) => medication.refills,
];

/**
 * We originate no electronic prescriptions for controlled substances (21 CFR 1311): only the sender's system signs, so a
 * correction neither declares a signature nor takes one along to another drug, patient or prescriber.
 */
export function keepSignature(current: PrescriptionOrder, corrected: PrescriptionOrder): PrescriptionOrder {
  const order = { ...corrected };
  if (current.digitallySigned === undefined || isOtherThanSigned(current, corrected)) delete order.digitallySigned;
  else order.digitallySigned = current.digitallySigned;
  return order;
}

function isOtherThanSigned(current: PrescriptionOrder, corrected: PrescriptionOrder): boolean {
  return (
    signedTexts.some((of) => comparable(of(current)) !== comparable(of(corrected))) ||
    signedAmounts.some((of) => (of(corrected) ?? 0) > (of(current) ?? 0)) ||
    !isSameProduct(current.medication.ndc, corrected.medication.ndc)
  );
}

/** Ten digits written out are still the same product. */
function isSameProduct(current: string | undefined, corrected: string | undefined): boolean {
  if (current === undefined || corrected === undefined) return current === corrected;
  const [before, after] = [normalizeNdc(current), normalizeNdc(corrected)];
  if (after.kind !== 'ok') return current === corrected;
  return before.kind === 'ambiguous'
    ? before.candidates.includes(after.ndc11)
    : before.kind === 'ok' && before.ndc11 === after.ndc11;
}

function comparable(text = ''): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
