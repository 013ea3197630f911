import { quantityUnitOf } from '../../directory/quantity-units/index.js';
import type {
  OrderCoverage,
  OrderMedication,
  OrderObservation,
  OrderPharmacy,
  PrescriptionOrder,
} from '../../prescriptions/order/index.js';
import { medicationOf, scheduleOf } from './fhir-medication.js';
import { current, hasType, identifierOf, patientOf, prescriberOf } from './fhir-person.js';
import { FhirSource } from './fhir-references.js';
import {
  condition,
  coverage,
  observation,
  organization,
  provenance,
  type MedicationRequest,
} from './fhir-resources.js';
import { sigOf } from './fhir-sig.js';
import { isOf, readRelationship } from './fhir-systems.js';
import { FormatError } from './format-error.js';
import { toOrder } from './order.schema.js';
import { readDate, some, type Draft } from './values.js';
import { isVital, vitalsAmong } from './vitals.js';

export { buildFhir, type FhirBundle } from './fhir-build.js';

const ORDERS = new Set(['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order']);
const WITHHELD = new Set(['draft', 'cancelled', 'entered-in-error', 'stopped', 'on-hold']);

/**
 * Reads an R4 MedicationRequest with what it contains, or a Bundle with exactly one MedicationRequest.
 * @param today YYYY-MM-DD: of a person it takes the names, addresses and numbers of that day
 * @throws FormatError, and nothing else, whatever the value is.
 */
export function parseFhir(resource: unknown, today: string): PrescriptionOrder {
  const source = FhirSource.of(resource, today);
  const { request } = source;
  if (!isToBeFilled(request)) throw new FormatError('intake.fhir-not-an-order');
  return toOrder({
    ...numbersOf(request),
    writtenDate: request.authoredOn,
    patient: patientOf(source),
    prescriber: prescriberOf(source),
    pharmacy: pharmacyOf(source),
    medication: { ...medicationOf(source), ...supplyOf(source), ...scheduleOf(source) },
    coverage: coverageOf(source),
    observations: observationsOf(source),
    digitallySigned: isSigned(source) ? true : undefined,
    note: request.note?.flatMap((note) => note.text ?? []).join('\n'),
  });
}

/** A state that is only behind its time (HL7's own example is "completed") is no reason: dates and duplicates are validated. */
function isToBeFilled({ intent = '', status = '', doNotPerform }: MedicationRequest): boolean {
  return ORDERS.has(intent) && !WITHHELD.has(status) && doNotPerform !== true;
}

/** HL7 table 0203: PLAC is the placer's own order number. */
function numbersOf(request: MedicationRequest): Draft<PrescriptionOrder> {
  const identifiers = request.identifier ?? [];
  const placer = identifiers.find((one) => hasType(one, 'PLAC'));
  return { messageId: identifiers.find((one) => one !== placer)?.value, prescriberOrderNumber: placer?.value };
}

function pharmacyOf(source: FhirSource): OrderPharmacy | undefined {
  const found = source.resolve(source.request.dispenseRequest?.performer, 'Organization', organization);
  const identifiers = current(found?.identifier, source.today);
  return some<Draft<OrderPharmacy>>({
    ncpdpId: identifierOf(identifiers, 'ncpdp', 'NCPDP'),
    npi: identifierOf(identifiers, 'npi', 'NPI'),
    name: found?.name,
  });
}

function supplyOf(source: FhirSource): Draft<OrderMedication> {
  const { request } = source;
  const { dispenseRequest } = request;
  const start = dispenseRequest?.validityPeriod?.start;
  const begins = start === undefined ? undefined : readDate(start);
  return {
    ...quantityOf(request),
    daysSupply: daysOf(request),
    refills: dispenseRequest?.numberOfRepeatsAllowed,
    substitutions: isSubstitutionRefused(request) ? 1 : 0,
    sig: sigOf(request.dosageInstruction ?? []),
    diagnoses: diagnosesOf(source),
    // A validity that begins on the day of writing says nothing about a first fill.
    earliestFillDate: begins !== undefined && begins > readDate(request.authoredOn ?? '') ? begins : undefined,
    latestFillDate: dispenseRequest?.validityPeriod?.end,
  };
}

/** Some senders put the number into the unit ("30", "30 tablets"); a code of a list nobody reads stands beside a plain word. */
function quantityOf(request: MedicationRequest): Draft<OrderMedication> {
  const { value, unit = '', code } = request.dispenseRequest?.quantity ?? {};
  const stated = [code, unit].find((name) => name !== undefined && quantityUnitOf(name) !== undefined);
  if (value !== undefined) return { quantity: value, quantityUnit: stated ?? code ?? unit };
  const [, leading, rest = ''] = /^(\d{1,7}(?:\.\d{1,3})?)\s*(\D.*)?$/s.exec(unit.trim()) ?? [];
  return { quantity: leading === undefined ? undefined : Number(leading), quantityUnit: code ?? rest };
}

function daysOf(request: MedicationRequest): number | undefined {
  const { value, unit, code } = request.dispenseRequest?.expectedSupplyDuration ?? {};
  if (value === undefined) return undefined;
  const word = (code ?? unit ?? 'd').toLowerCase();
  if (/^(?:d|days?)$/.test(word)) return value;
  return /^(?:wk|weeks?)$/.test(word) ? value * 7 : undefined;
}

/** Substitution is allowed unless the prescriber says otherwise (SCRIPT Substitutions 0). */
function isSubstitutionRefused(request: MedicationRequest): boolean {
  const { allowedBoolean, allowedCodeableConcept } = request.substitution ?? {};
  // v3 substanceAdminSubstitution: N is none.
  return allowedBoolean === false || (allowedCodeableConcept?.coding ?? []).some((coding) => coding.code === 'N');
}

function diagnosesOf(source: FhirSource): string[] | undefined {
  const { reasonCode = [], reasonReference = [] } = source.request;
  const conditions = reasonReference.flatMap((one) => source.resolve(one, 'Condition', condition)?.code ?? []);
  const codes = [...reasonCode, ...conditions].flatMap(
    (concept) => concept.coding?.find((coding) => isOf(coding.system, 'icd10'))?.code ?? [],
  );
  return codes.length > 0 ? codes : undefined;
}

function coverageOf(source: FhirSource): OrderCoverage | undefined {
  const found = source.resolve(source.request.insurance?.[0], 'Coverage', coverage);
  const classOf = (type: string): string | undefined =>
    found?.class?.find((one) => one.type?.coding?.some((coding) => coding.code === type))?.value;
  const payer = found?.payor?.[0];
  return some<Draft<OrderCoverage>>({
    bin: classOf('rxbin'),
    pcn: classOf('rxpcn'),
    groupId: classOf('rxgroup') ?? classOf('group'),
    cardholderId: classOf('rxid') ?? found?.subscriberId,
    personCode: found?.dependent,
    relationship: readRelationship(found?.relationship?.coding?.find((coding) => coding.code !== undefined)?.code),
    payerName: source.resolve(payer, 'Organization', organization)?.name ?? payer?.display,
  });
}

function observationsOf(source: FhirSource): Draft<OrderObservation>[] | undefined {
  const named = (source.request.supportingInformation ?? []).flatMap(
    (one) => source.resolve(one, 'Observation', observation) ?? [],
  );
  const found = named.length > 0 ? named : source.all('Observation', observation);
  return vitalsAmong(
    found.map(({ code, valueQuantity: { value, unit, code: unitCode } = {}, effectiveDateTime }) => ({
      code: code?.coding?.find((coding) => isOf(coding.system, 'loinc') && isVital(coding.code ?? ''))?.code,
      value,
      units: [unit, unitCode],
      date: effectiveDateTime,
    })),
  );
}

/** Whoever sends the order vouches for its signature; a Provenance that carries one for it is the indicator of SCRIPT. */
function isSigned(source: FhirSource): boolean {
  return source
    .all('Provenance', provenance)
    .some(({ target = [], signature = [] }) => signature.length > 0 && target.some((one) => source.isRequest(one)));
}
