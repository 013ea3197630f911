import { DateTime } from 'luxon';
import { nationalPhone } from '../../directory/index.js';
import { quantityUnitOf } from '../../directory/quantity-units/index.js';
import type { PharmacyOrder } from './pharmacy-order.port.js';

/** Lifefile's shipping service numbers, of which no list is published: 9 is in its example order, 7642 in a published next-day push. */
const services: Readonly<Record<string, number>> = { standard: 9, expedited: 7642 };

const genders: Readonly<Record<string, string>> = { male: 'm', female: 'f' };

/** The body of `POST order`, as in Lifefile's published example. Absent values are left out. */
export function lifefileOrder(input: PharmacyOrder): object {
  return {
    message: {
      id: input.rxNumber,
      sentTime: DateTime.fromJSDate(input.sentAt, { zone: input.timeZone }).toFormat('yyyy-MM-dd HH:mm:ss'),
    },
    order: {
      general: { memo: memoOf(input), referenceId: input.referenceId },
      prescriber: prescriberOf(input),
      ...(input.practiceId !== null && { practice: { id: numberOrText(input.practiceId) } }),
      patient: patientOf(input),
      shipping: shippingOf(input),
      billing: { payorType: input.payer === 'patient' ? 'pat' : 'doc' },
      rxs: [medicationOf(input)],
    },
  };
}

/** Lifefile knows no other place for these: the memo is what its pharmacist reads beside the order. */
function memoOf({ adultSignature, order: { note, medication } }: PharmacyOrder): string {
  const signature = adultSignature ? 'Adult signature required.' : undefined;
  const asWritten = medication.substitutions === 1 ? 'Dispense as written.' : undefined;
  return [signature, asWritten, note].filter((part) => part !== undefined && part !== '').join(' ');
}

function prescriberOf({ prescriber, order }: PharmacyOrder): object {
  const { address, phone } = order.prescriber;
  return given({
    npi: prescriber.npi,
    dea: prescriber.dea ?? undefined,
    lastName: prescriber.lastName,
    firstName: prescriber.firstName,
    address1: address?.line1,
    address2: address?.line2,
    city: address?.city,
    state: address?.state,
    zip: address?.zip,
    phone: phoneOf(prescriber.phone ?? phone),
  });
}

function patientOf({ recipient, address }: PharmacyOrder): object {
  return given({
    lastName: recipient.lastName,
    firstName: recipient.firstName,
    gender: genders[recipient.gender ?? ''] ?? 'u',
    dateOfBirth: recipient.birthDate,
    address1: address.line1,
    address2: address.line2,
    city: address.city,
    state: address.state,
    zip: address.zip,
    country: 'US',
    phoneMobile: phoneOf(address.phone),
    email: recipient.email,
  });
}

function shippingOf({ recipient, address, serviceLevel }: PharmacyOrder): object {
  return given({
    recipientType: 'patient',
    recipientLastName: recipient.lastName,
    recipientFirstName: recipient.firstName,
    recipientPhone: phoneOf(address.phone),
    recipientEmail: recipient.email,
    addressLine1: address.line1,
    addressLine2: address.line2,
    city: address.city,
    state: address.state,
    zipCode: address.zip,
    country: 'US',
    service: services[serviceLevel] ?? services['standard'],
  });
}

function medicationOf({ order, form, fill, rxNumber }: PharmacyOrder): object {
  const { medication, writtenDate } = order;
  return given({
    rxType: 'new',
    drugName: medication.description,
    drugStrength: medication.strength,
    drugForm: form,
    quantity: fill.quantity ?? undefined,
    quantityUnits: unitOf(medication.quantityUnit),
    directions: medication.sig,
    refills: medication.refills,
    dateWritten: writtenDate,
    daysSupply: fill.daysSupply ?? undefined,
    foreignRxNumber: String(rxNumber),
  });
}

/** Lifefile takes `(512) 555-0100` and refuses the whole order for any other form: what has no such form is left out. */
function phoneOf(phone: string | undefined): string | undefined {
  return phone === undefined ? undefined : nationalPhone(phone);
}

/** SCRIPT counts in codes; a pharmacist reads words. */
function unitOf(unit: string | undefined): string | undefined {
  return unit === undefined ? undefined : (quantityUnitOf(unit)?.word ?? unit);
}

function given(fields: Readonly<Record<string, string | number | undefined>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
}

function numberOrText(id: string): number | string {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}
