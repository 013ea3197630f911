import { v5 as nameBasedUuid } from 'uuid';
import {
  isNciCode,
  type OrderAddress,
  type OrderCoverage,
  type OrderMedication,
  type OrderObservation,
  type OrderPatient,
  type OrderPharmacy,
  type OrderPrescriber,
  type PrescriptionOrder,
} from '../../prescriptions/order/index.js';
import { relationshipCodes, SCHEDULE_EXTENSION, scheduleWords, systems, type SystemName } from './fhir-systems.js';
import { scheduleCodes } from './script-codes.js';

type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | undefined;
type Resource = { readonly resourceType: string } & { readonly [key: string]: Json };

export interface FhirBundle {
  resourceType: 'Bundle';
  type: 'collection';
  entry: { fullUrl: string; resource: Resource }[];
}

/** RFC 4122 name space for URLs; the names within a Bundle only have to differ from each other and from other Bundles'. */
const NAMESPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

/** Writes an order as an R4 Bundle; `parseFhir` reads the same order back. */
export function buildFhir(order: PrescriptionOrder): FhirBundle {
  const seed = JSON.stringify(order);
  const url = (name: string): string => `urn:uuid:${nameBasedUuid(`${name} ${seed}`, NAMESPACE)}`;
  const refer = (name: string): Json => ({ reference: url(name) });
  const observations = order.observations ?? [];
  const named: [string, Resource | undefined][] = [
    ['request', requestOf(order, refer)],
    ['patient', patientOf(order.patient)],
    ['practitioner', practitionerOf(order.prescriber)],
    ['medication', medicationOf(order.medication)],
    ['pharmacy', order.pharmacy && pharmacyOf(order.pharmacy)],
    ['coverage', order.coverage && coverageOf(order.coverage, refer('patient'))],
    ...observations.map((one, index): [string, Resource] => [
      `observation ${index}`,
      observationOf(one, refer('patient')),
    ]),
    ['provenance', order.digitallySigned === true ? provenanceOf(order, refer) : undefined],
  ];
  const entry = named.flatMap(([name, resource]) =>
    resource === undefined ? [] : [{ fullUrl: url(name), resource: clean(resource) }],
  );
  return { resourceType: 'Bundle', type: 'collection', entry };
}

function requestOf(order: PrescriptionOrder, refer: (name: string) => Json): Resource {
  const { medication } = order;
  return {
    resourceType: 'MedicationRequest',
    extension: scheduleExtension(medication),
    identifier: [
      ...(order.messageId === undefined ? [] : [{ value: order.messageId }]),
      ...(order.prescriberOrderNumber === undefined
        ? []
        : [{ type: typeConcept('PLAC'), value: order.prescriberOrderNumber }]),
    ],
    status: 'active',
    intent: 'order',
    medicationReference: refer('medication'),
    subject: refer('patient'),
    supportingInformation: order.observations?.map((_, index) => refer(`observation ${index}`)),
    authoredOn: order.writtenDate,
    requester: refer('practitioner'),
    reasonCode: medication.diagnoses?.map((code) => concept('icd10', code)),
    insurance: order.coverage && [refer('coverage')],
    note: order.note === undefined ? undefined : [{ text: order.note }],
    dosageInstruction: medication.sig === undefined ? undefined : [{ text: medication.sig }],
    dispenseRequest: dispenseRequestOf(order, refer),
    substitution:
      medication.substitutions === undefined ? undefined : { allowedBoolean: medication.substitutions === 0 },
  };
}

function dispenseRequestOf({ medication, pharmacy }: PrescriptionOrder, refer: (name: string) => Json): Json {
  const { quantity, quantityUnit, daysSupply, earliestFillDate, latestFillDate } = medication;
  const unit =
    quantityUnit === undefined
      ? {}
      : { code: quantityUnit, ...(isNciCode(quantityUnit) && { system: systems.ncit[0] }) };
  return {
    validityPeriod: { start: earliestFillDate, end: latestFillDate },
    numberOfRepeatsAllowed: medication.refills,
    quantity: quantity === undefined && quantityUnit === undefined ? undefined : { value: quantity, ...unit },
    expectedSupplyDuration:
      daysSupply === undefined ? undefined : { value: daysSupply, unit: 'days', system: systems.ucum[0], code: 'd' },
    performer: pharmacy && refer('pharmacy'),
  };
}

function patientOf(patient: OrderPatient): Resource {
  return {
    resourceType: 'Patient',
    identifier: patient.externalId === undefined ? undefined : [{ type: typeConcept('MR'), value: patient.externalId }],
    name: nameOf(patient.lastName, [patient.firstName, patient.middleName]),
    telecom: telecomOf(patient),
    gender: patient.gender,
    birthDate: patient.birthDate,
    address: patient.address && [addressOf(patient.address)],
  };
}

function practitionerOf(prescriber: OrderPrescriber): Resource {
  return {
    resourceType: 'Practitioner',
    identifier: [
      ...identifierOf('npi', prescriber.npi),
      ...identifierOf('dea', prescriber.dea),
      // No identifier system of SPIs is published.
      ...(prescriber.spi === undefined ? [] : [{ type: { text: 'SPI' }, value: prescriber.spi }]),
    ],
    name: nameOf(prescriber.lastName, [prescriber.firstName]),
    telecom: telecomOf(prescriber),
    address: prescriber.address && [addressOf(prescriber.address)],
  };
}

function pharmacyOf(pharmacy: OrderPharmacy): Resource {
  return {
    resourceType: 'Organization',
    identifier: [...identifierOf('ncpdp', pharmacy.ncpdpId), ...identifierOf('npi', pharmacy.npi)],
    name: pharmacy.name,
  };
}

function medicationOf(medication: OrderMedication): Resource {
  const codes = [
    ...(medication.ndc === undefined ? [] : [{ system: systems.ndc[0], code: medication.ndc }]),
    ...(medication.rxnormCode === undefined ? [] : [{ system: systems.rxnorm[0], code: medication.rxnormCode }]),
  ];
  return {
    resourceType: 'Medication',
    code: { coding: codes, text: medication.description },
    form: medication.form === undefined ? undefined : formOf(medication.form),
    ingredient:
      medication.strength === undefined
        ? undefined
        : [{ itemCodeableConcept: { text: medication.description }, strength: strengthOf(medication.strength) }],
  };
}

function formOf(form: string): Json {
  return isNciCode(form) ? concept('ncit', form) : { text: form };
}

const measure = /^(\d+(?:\.\d+)?) ([^/]+)$/;

/** A ratio where the text is "10 mg" or "1 mg/0.75 mL"; any other strength stays a text in the unit. */
function strengthOf(strength: string): Json {
  const [numerator = '', denominator, ...others] = strength.split('/');
  const amounts = [quantityOf(numerator), denominator === undefined ? { value: 1 } : quantityOf(denominator)];
  if (others.length > 0 || amounts.includes(undefined))
    return { numerator: { unit: strength }, denominator: { value: 1 } };
  return { numerator: amounts[0], denominator: amounts[1] };
}

function quantityOf(text: string): Json {
  const [, value = '', unit = ''] = measure.exec(text) ?? [];
  // "10.0 mg" keeps its zero only as a text.
  return value !== '' && String(Number(value)) === value && unit === unit.trim()
    ? { value: Number(value), unit }
    : undefined;
}

function scheduleExtension({ schedule, scheduleCode }: OrderMedication): Json {
  const code = scheduleCode ?? (schedule && scheduleCodes[schedule]);
  if (code === undefined) return undefined;
  const word = schedule ?? (scheduleWords.has(code) ? code : undefined);
  const coding = [
    ...(word === undefined ? [] : [{ system: systems.schedule[0], code: word }]),
    ...(code === word ? [] : [{ system: systems.ncit[0], code }]),
  ];
  return [{ url: SCHEDULE_EXTENSION, valueCodeableConcept: { coding } }];
}

function coverageOf(coverage: OrderCoverage, beneficiary: Json): Resource {
  const classes: [string, string | undefined][] = [
    ['rxbin', coverage.bin],
    ['rxpcn', coverage.pcn],
    ['rxgroup', coverage.groupId],
    ['rxid', coverage.cardholderId],
  ];
  return {
    resourceType: 'Coverage',
    status: 'active',
    subscriberId: coverage.cardholderId,
    beneficiary,
    dependent: coverage.personCode,
    relationship: coverage.relationship && concept('relationship', relationshipCodes[coverage.relationship]),
    // R4 wants a payor; a card that names none is the patient's own word.
    payor: [coverage.payerName === undefined ? beneficiary : { display: coverage.payerName }],
    class: classes.flatMap(([type, value]) =>
      value === undefined ? [] : [{ type: concept('coverageClass', type), value }],
    ),
  };
}

function observationOf(observation: OrderObservation, subject: Json): Resource {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: concept('loinc', observation.code),
    subject,
    effectiveDateTime: observation.date,
    valueQuantity: { value: observation.value, unit: observation.unit },
  };
}

/** The indicator only: the signature itself stays with the application that made it (21 CFR 1311). */
function provenanceOf(order: PrescriptionOrder, refer: (name: string) => Json): Resource {
  const when = `${order.writtenDate ?? '1970-01-01'}T00:00:00Z`;
  return {
    resourceType: 'Provenance',
    target: [refer('request')],
    recorded: when,
    agent: [{ who: refer('practitioner') }],
    signature: [
      {
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
        when,
        who: refer('practitioner'),
      },
    ],
  };
}

function nameOf(family: string | undefined, given: readonly (string | undefined)[]): Json {
  const known = given.filter((name) => name !== undefined);
  return family === undefined && known.length === 0 ? undefined : [{ family, given: known }];
}

function telecomOf({ phone, email }: { phone?: string; email?: string }): Json {
  return [
    ...(phone === undefined ? [] : [{ system: 'phone', value: phone }]),
    ...(email === undefined ? [] : [{ system: 'email', value: email }]),
  ];
}

function addressOf(address: OrderAddress): Json {
  return {
    line: [address.line1, address.line2].filter((line) => line !== undefined),
    city: address.city,
    state: address.state,
    postalCode: address.zip,
    country: 'US',
  };
}

function identifierOf(system: SystemName, value: string | undefined): Json[] {
  return value === undefined ? [] : [{ system: systems[system][0], value }];
}

function typeConcept(code: string): Json {
  return concept('identifierType', code);
}

function concept(system: SystemName, code: string): Json {
  return { coding: [{ system: systems[system][0], code }] };
}

/** FHIR knows neither empty arrays nor empty objects. */
function clean(resource: Resource): Resource {
  return { ...withoutEmpty(resource), resourceType: resource.resourceType };
}

function withoutEmpty(fields: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      const kept = pruned(value);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}

function pruned(value: Json): Json {
  if (typeof value !== 'object') return value;
  if (isList(value)) {
    const items = value.map(pruned).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  const fields = withoutEmpty(value);
  return Object.keys(fields).length > 0 ? fields : undefined;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
