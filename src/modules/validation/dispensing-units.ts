/** Dose forms, by NCIt code (SPL dosage form subset), to the words used below. */
const formByCode: Readonly<Record<string, string>> = {
  C42998: 'tablet',
  C42931: 'tablet',
  C42927: 'tablet',
  C25158: 'capsule',
  C42928: 'capsule',
  C28944: 'cream',
  C42966: 'ointment',
  C42934: 'gel',
  C29167: 'lotion',
  C42986: 'solution',
  C42994: 'suspension',
  C42996: 'syrup',
  C42953: 'liquid',
  C42946: 'injection',
  C42945: 'injection',
  C42968: 'patch',
  C42993: 'suppository',
};

const semisolid = ['gram', 'mL', 'each'];
const liquid = ['mL', 'each'];

/** Units each dose form can be dispensed in; "each" is the package or the piece (NCPDP billing unit EA). */
const unitsByForm: readonly (readonly [form: RegExp, units: readonly string[]])[] = [
  [/\b(?:patch|transdermal system)/, ['patch', 'each']],
  [/\bsuppositor/, ['suppository', 'each']],
  [/\b(?:lozenge|troche)/, ['lozenge', 'each']],
  [/\bcap(?:sule)?s?\b/, ['capsule', 'each']],
  [/\b(?:tab(?:let)?|caplet)s?\b/, ['tablet', 'each']],
  [/\b(?:cream|ointment|gel|lotion|paste|foam)/, semisolid],
  [/\b(?:inhaler|aerosol|spray)/, ['gram', 'mL', 'each']],
  [/\b(?:solution|suspension|syrup|elixir|liquid|drops|injection|injectable|pen|syringe|vial)\b/, liquid],
];

/** Dose units of a SIG that are dispensed as they are counted, with what one of them is in the unit of the quantity. */
const countedAs: Readonly<Record<string, readonly (readonly [unit: string, perDose: number])[]>> = {
  tablet: [
    ['tablet', 1],
    ['each', 1],
  ],
  capsule: [
    ['capsule', 1],
    ['each', 1],
  ],
  pill: [
    ['tablet', 1],
    ['capsule', 1],
    ['each', 1],
  ],
  mL: [['mL', 1]],
  teaspoon: [['mL', 5]],
  tablespoon: [['mL', 15]],
  patch: [
    ['patch', 1],
    ['each', 1],
  ],
  suppository: [
    ['suppository', 1],
    ['each', 1],
  ],
  lozenge: [
    ['lozenge', 1],
    ['each', 1],
  ],
  packet: [
    ['packet', 1],
    ['each', 1],
  ],
  film: [
    ['film', 1],
    ['each', 1],
  ],
};

/** "1 po bid" counts whatever is swallowed whole. */
const UNNAMED_DOSE = 'pill';

function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** The word for a dose form, by its code or as it is written. */
export function formNamed(form: string): string {
  return lookUp(formByCode, form.trim().toUpperCase()) ?? form.toLowerCase();
}

/** False only when the form is known and is never dispensed in this unit. */
export function unitFitsForm(unit: string, form: string): boolean {
  const word = formNamed(form);
  const units = unitsByForm.find(([pattern]) => pattern.test(word))?.[1];
  return units?.includes(unit) ?? true;
}

/** How much of the quantity one dose takes, undefined when the two cannot be compared (puffs against grams). */
export function quantityPerDose(doseUnit: string | undefined, quantityUnit: string): number | undefined {
  const rows = lookUp(countedAs, doseUnit ?? UNNAMED_DOSE);
  return rows?.find(([unit]) => unit === quantityUnit)?.[1];
}
