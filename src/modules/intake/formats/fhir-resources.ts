import { z } from 'zod';

/** The parts of R4 resources an order is read from; everything else a resource may hold is left alone. */
const string = z.string().max(10_000);
const strings = z.array(string).max(100);
const some = <T extends z.ZodType>(item: T) => z.array(item).max(200).exactOptional();
const text = string.exactOptional();

const coding = z.object({ system: text, code: text, display: text });
const concept = z.object({ coding: some(coding), text });
const period = z.object({ start: text, end: text });
/** What may have been replaced since. */
const dated = { use: text, period: period.exactOptional() };
const identifier = z.object({ ...dated, type: concept.exactOptional(), system: text, value: text });
const reference = z.object({ reference: text, display: text });
const quantity = z.object({ value: z.number().exactOptional(), unit: text, system: text, code: text });
const ratio = z.object({ numerator: quantity.exactOptional(), denominator: quantity.exactOptional() });
const range = z.object({ low: quantity.exactOptional(), high: quantity.exactOptional() });
const extension = z.object({
  url: text,
  valueCodeableConcept: concept.exactOptional(),
  valueCoding: coding.exactOptional(),
});
const humanName = z.object({ ...dated, family: text, given: strings.exactOptional() });
const contactPoint = z.object({ ...dated, system: text, value: text, rank: z.number().exactOptional() });
const address = z.object({ ...dated, line: strings.exactOptional(), city: text, state: text, postalCode: text });

const person = {
  identifier: some(identifier),
  name: some(humanName),
  telecom: some(contactPoint),
  address: some(address),
};

export const patient = z.object({ ...person, gender: text, birthDate: text });
export const practitioner = z.object({
  ...person,
  qualification: some(z.object({ identifier: some(identifier), period: period.exactOptional() })),
});
export const practitionerRole = z.object({ practitioner: reference.exactOptional(), telecom: some(contactPoint) });
export const organization = z.object({ identifier: some(identifier), name: text });
export const condition = z.object({ code: concept.exactOptional() });

export const medication = z.object({
  code: concept.exactOptional(),
  form: concept.exactOptional(),
  ingredient: some(z.object({ strength: ratio.exactOptional() })),
  extension: some(extension),
});

export const coverage = z.object({
  subscriberId: text,
  dependent: text,
  relationship: concept.exactOptional(),
  payor: some(reference),
  class: some(z.object({ type: concept.exactOptional(), value: text })),
});

export const observation = z.object({
  code: concept.exactOptional(),
  valueQuantity: quantity.exactOptional(),
  effectiveDateTime: text,
});

export const provenance = z.object({ target: some(reference), signature: some(z.unknown()) });

const repeat = z.looseObject({
  boundsDuration: quantity.exactOptional(),
  boundsRange: range.exactOptional(),
  boundsPeriod: period.exactOptional(),
  count: z.number().exactOptional(),
  countMax: z.number().exactOptional(),
  duration: z.number().exactOptional(),
  durationMax: z.number().exactOptional(),
  durationUnit: text,
  frequency: z.number().exactOptional(),
  frequencyMax: z.number().exactOptional(),
  period: z.number().exactOptional(),
  periodMax: z.number().exactOptional(),
  periodUnit: text,
  dayOfWeek: strings.exactOptional(),
  timeOfDay: strings.exactOptional(),
  when: strings.exactOptional(),
  offset: z.number().exactOptional(),
});
const timing = z.looseObject({ code: concept.exactOptional(), repeat: repeat.exactOptional() });
const doseAndRate = z.looseObject({
  // Whether it was ordered or calculated.
  type: concept.exactOptional(),
  doseQuantity: quantity.exactOptional(),
  doseRange: range.exactOptional(),
});
const dosage = z.looseObject({
  sequence: z.number().exactOptional(),
  text,
  patientInstruction: text,
  additionalInstruction: some(concept),
  method: concept.exactOptional(),
  route: concept.exactOptional(),
  site: concept.exactOptional(),
  asNeededBoolean: z.boolean().exactOptional(),
  asNeededCodeableConcept: concept.exactOptional(),
  doseAndRate: some(doseAndRate),
  maxDosePerPeriod: ratio.exactOptional(),
  maxDosePerAdministration: quantity.exactOptional(),
  timing: timing.exactOptional(),
});

/** Whether a dosage says something that is not read here: a direction without it would be another one. */
export function saysMore({ timing: when, doseAndRate: doses = [], ...said }: Dosage): boolean {
  return (
    hasMore(dosage, said) ||
    hasMore(timing, when) ||
    hasMore(repeat, when?.repeat) ||
    doses.some((dose) => hasMore(doseAndRate, dose))
  );
}

/** R4 Element: an id, extensions and those of primitives (`_text`) change nothing that is said. */
function hasMore({ shape }: z.ZodObject, element: object = {}): boolean {
  return Object.keys(element).some((key) => !(key in shape) && !/^(?:id|extension|_.*)$/.test(key));
}

export const medicationRequest = z.object({
  id: text,
  status: text,
  intent: text,
  doNotPerform: z.boolean().exactOptional(),
  contained: some(z.unknown()),
  identifier: some(identifier),
  medicationCodeableConcept: concept.exactOptional(),
  medicationReference: reference.exactOptional(),
  subject: reference.exactOptional(),
  requester: reference.exactOptional(),
  authoredOn: text,
  reasonCode: some(concept),
  reasonReference: some(reference),
  insurance: some(reference),
  supportingInformation: some(reference),
  note: some(z.object({ text })),
  extension: some(extension),
  dosageInstruction: some(dosage),
  dispenseRequest: z
    .object({
      validityPeriod: period.exactOptional(),
      numberOfRepeatsAllowed: z.number().exactOptional(),
      quantity: quantity.exactOptional(),
      expectedSupplyDuration: quantity.exactOptional(),
      performer: reference.exactOptional(),
      // A smaller first fill cannot be asked for here: the whole quantity would go out at once.
      initialFill: z.strictObject({}, 'A first fill of its own is not filled here.').exactOptional(),
    })
    .exactOptional(),
  substitution: z
    .object({ allowedBoolean: z.boolean().exactOptional(), allowedCodeableConcept: concept.exactOptional() })
    .exactOptional(),
});

export const bundle = z.object({
  implicitRules: text,
  entry: some(z.object({ fullUrl: text, resource: z.unknown() })),
});

export const typed = z.object({ resourceType: z.string().max(64), id: text });

export type Coding = z.infer<typeof coding>;
export type Concept = z.infer<typeof concept>;
export type Identifier = z.infer<typeof identifier>;
export type Period = z.infer<typeof period>;
export type Reference = z.infer<typeof reference>;
export type Quantity = z.infer<typeof quantity>;
export type Range = z.infer<typeof range>;
export type HumanName = z.infer<typeof humanName>;
export type ContactPoint = z.infer<typeof contactPoint>;
export type Address = z.infer<typeof address>;
export type Dosage = z.infer<typeof dosage>;
export type Medication = z.infer<typeof medication>;
export type MedicationRequest = z.infer<typeof medicationRequest>;
