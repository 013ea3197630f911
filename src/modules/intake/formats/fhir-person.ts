import type { OrderAddress, OrderPatient, OrderPrescriber } from '../../prescriptions/order/index.js';
import type { FhirSource } from './fhir-references.js';
import {
  patient,
  practitioner,
  practitionerRole,
  type Address,
  type ContactPoint,
  type HumanName,
  type Identifier,
  type Period,
} from './fhir-resources.js';
import { isOf, type SystemName } from './fhir-systems.js';
import { readGender } from './script-codes.js';
import { some, type Draft } from './values.js';

/** An entry without a use. */
const UNSAID = '';

/** FHIR uses, the one to take first; those not named come after. A bill goes elsewhere than a parcel, a maiden name is a former one. */
const nameUses = ['official', 'usual', UNSAID, 'temp'];
const usesOfPatient = { phone: ['mobile', 'home', UNSAID], address: ['home', UNSAID, 'temp', 'work'] };
const usesOfPrescriber = { phone: ['work', UNSAID], address: ['work', UNSAID, 'temp', 'home'] };

type Uses = typeof usesOfPatient;

export function patientOf(source: FhirSource): Draft<OrderPatient> {
  const { today } = source;
  const found = source.resolve(source.request.subject, 'Patient', patient);
  const name = nameOf(found?.name, today);
  const [firstName, ...middle] = name?.given ?? [];
  return {
    externalId: recordNumberOf(current(found?.identifier, today)),
    firstName,
    middleName: middle.join(' '),
    lastName: name?.family,
    birthDate: found?.birthDate,
    gender: readGender(found?.gender),
    ...contactOf(found?.telecom, usesOfPatient, today),
    address: addressOf(found?.address, usesOfPatient, today),
  };
}

/** A number of the person with whoever sends: one of a card, an account or a licence may be another's too. */
function recordNumberOf(identifiers: readonly Identifier[]): string | undefined {
  // A social security number is nobody's record number here.
  const usable = identifiers.filter((one) => !isSocial(one));
  const found =
    usable.find((one) => hasType(one, 'MR')) ?? usable.find((one) => hasType(one, 'PI')) ?? usable.find(isUntyped);
  return found?.value;
}

function isUntyped({ type }: Identifier): boolean {
  return type?.text === undefined && (type?.coding ?? []).length === 0;
}

function isSocial(identifier: Identifier): boolean {
  return /us-ssn$|2\.16\.840\.1\.113883\.4\.1$/.test(identifier.system ?? '') || hasType(identifier, 'SS');
}

export function prescriberOf(source: FhirSource): Draft<OrderPrescriber> {
  const { today } = source;
  const { requester } = source.request;
  const role = source.resolve(requester, 'PractitionerRole', practitionerRole);
  const found = source.resolve(role?.practitioner ?? requester, 'Practitioner', practitioner);
  const name = nameOf(found?.name, today);
  const qualifications = current(found?.qualification, today);
  const identifiers = current(
    [...(found?.identifier ?? []), ...qualifications.flatMap((qualification) => qualification.identifier ?? [])],
    today,
  );
  return {
    npi: identifierOf(identifiers, 'npi', 'NPI'),
    dea: identifierOf(identifiers, 'dea', 'DEA'),
    spi: identifiers.find((one) => one.type?.text === 'SPI')?.value,
    firstName: name?.given?.[0],
    lastName: name?.family,
    ...contactOf(role?.telecom ?? found?.telecom, usesOfPrescriber, today),
    address: addressOf(found?.address, usesOfPrescriber, today),
  };
}

function nameOf(names: readonly HumanName[] | undefined, today: string): HumanName | undefined {
  return inOrder(current(names, today), nameUses)[0];
}

function contactOf(
  points: readonly ContactPoint[] | undefined,
  uses: Uses,
  today: string,
): { phone: string | undefined; email: string | undefined } {
  const usable = inOrder(current(points, today), uses.phone)
    // FHIR: 1 is the most preferred; a point without a rank comes last.
    .toSorted((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || 0);
  const phone = usable.find((point) => point.system === 'phone') ?? usable.find((point) => point.system === 'sms');
  return { phone: phone?.value, email: usable.find((point) => point.system === 'email')?.value };
}

function addressOf(addresses: readonly Address[] | undefined, uses: Uses, today: string): OrderAddress | undefined {
  const [address] = inOrder(current(addresses, today), uses.address);
  const [line1, ...rest] = address?.line ?? [];
  return some<Draft<OrderAddress>>({
    line1,
    line2: rest.join(', ') || undefined,
    city: address?.city,
    state: address?.state,
    zip: address?.postalCode,
  });
}

/** What holds on that day: neither called old nor of a period that has ended or not begun. */
export function current<T extends { use?: string; period?: Period }>(
  items: readonly T[] | undefined,
  today: string,
): T[] {
  return (items ?? []).filter(({ use, period: { start = '', end = today } = {} }) => {
    // A FHIR date may stop at its year or month and means the whole of it.
    const [first, last] = [start.slice(0, 10), end.slice(0, 10)];
    return use !== 'old' && first <= today && last >= today.slice(0, last.length);
  });
}

function inOrder<T extends { use?: string }>(items: readonly T[], uses: readonly string[]): T[] {
  const place = ({ use = UNSAID }: T) => (uses.includes(use) ? uses.indexOf(use) : uses.length);
  return items.toSorted((a, b) => place(a) - place(b));
}

export function identifierOf(identifiers: readonly Identifier[], system: SystemName, type: string): string | undefined {
  return (identifiers.find((one) => isOf(one.system, system)) ?? identifiers.find((one) => hasType(one, type)))?.value;
}

export function hasType(identifier: Identifier, code: string): boolean {
  return (identifier.type?.coding ?? []).some((coding) => coding.code === code) || identifier.type?.text === code;
}
