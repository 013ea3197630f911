import { normalizeNdc } from '../directory/index.js';
import { isSameUnit, isUnitOpen } from '../directory/quantity-units/index.js';
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
 * correction neither declares a signature nor takes one along to another drug, patient or prescriber. One that is taken back
 * leaves what was signed.
 * @param received the order as it came: what is signed, however often it was corrected since
 */
export function keepSignature(received: PrescriptionOrder, corrected: PrescriptionOrder): PrescriptionOrder {
  const order = { ...corrected };
  if (received.digitallySigned === undefined || isOtherThanSigned(received, corrected)) delete order.digitallySigned;
  else order.digitallySigned = received.digitallySigned;
  return order;
}

function isOtherThanSigned(received: PrescriptionOrder, corrected: PrescriptionOrder): boolean {
  return (
    signedTexts.some((of) => comparable(of(received)) !== comparable(of(corrected))) ||
    signedAmounts.some((of) => (of(corrected) ?? 0) > (of(received) ?? 0)) ||
    !isUnitAsSigned(received.medication.quantityUnit, corrected.medication.quantityUnit) ||
    !isSameProduct(received.medication.ndc, corrected.medication.ndc)
  );
}

/** One vial is one piece, and more than one millilitre; what was left open may be stated. */
function isUnitAsSigned(received: string | undefined, corrected: string | undefined): boolean {
  if (isUnitOpen(received) || comparable(received) === comparable(corrected)) return true;
  return isSameUnit(received ?? '', corrected ?? '');
}

/** Ten digits written out are still the same product; where no number could be read, description and strength are what is signed. */
function isSameProduct(received: string | undefined, corrected: string | undefined): boolean {
  if (received === corrected) return true;
  const [before, after] = [normalizeNdc(received ?? ''), normalizeNdc(corrected ?? '')];
  if (before.kind === 'invalid') return true;
  if (after.kind !== 'ok') return false;
  return before.kind === 'ambiguous' ? before.candidates.includes(after.ndc11) : before.ndc11 === after.ndc11;
}

function comparable(text = ''): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
