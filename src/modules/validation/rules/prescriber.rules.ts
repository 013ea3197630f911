import { deaNameAgrees, isValidNpi, parseDea, type DeaRegistrant } from '../../directory/identifiers/index.js';
import type { OrderAddress } from '../../prescriptions/order/index.js';
import { finding, type Finding } from '../findings.js';
import { isBlank, type Rule, type Subject } from '../subject.js';
import { unusablePhone } from './patient.rules.js';

/** Registrants who may write prescriptions; DATA-2000 waiver ids ended with the programme in 2023 (Pub. L. 117-328 s. 1262). */
const prescribing: ReadonlySet<DeaRegistrant> = new Set<DeaRegistrant>(['practitioner', 'mid-level']);

export const prescriberRules: Readonly<Record<string, Rule>> = {
  /** SCRIPT 2017071 Prescriber Name; VA PVD02. */
  prescriberName: ({ order: { prescriber } }) =>
    (['firstName', 'lastName'] as const)
      .filter((name) => isBlank(prescriber[name]))
      .map((name) => finding('prescriber.name-missing', `/prescriber/${name}`)),

  /** 45 CFR 162.406: ten digits, the last a Luhn check digit over 80840. */
  prescriberNpi: ({ order: { prescriber } }) => {
    const field = '/prescriber/npi';
    if (isBlank(prescriber.npi)) return [finding('prescriber.npi-missing', field, { source: '45 CFR 162.410' })];
    return isValidNpi(prescriber.npi) ? [] : [finding('prescriber.npi-invalid', field, { source: '45 CFR 162.406' })];
  },

  prescriberPhone: ({ order: { prescriber } }) =>
    unusablePhone(prescriber.phone) ? [finding('prescriber.phone-unusable', '/prescriber/phone')] : [],

  /** 21 CFR 1306.05(a) and 1301.22: controlled substances carry the registration number of a practitioner. */
  prescriberDea: (subject) => {
    const { dea } = subject.order.prescriber;
    if (!isBlank(dea)) return deaFindings(subject, dea);
    if (!subject.schedule) return [];
    return [finding('prescriber.dea-missing', '/prescriber/dea', { source: '21 CFR 1306.05(a)' })];
  },

  /** 21 CFR 1311.120: an electronic prescription for a controlled substance is digitally signed; VA PVD03. */
  digitalSignature: ({ order, schedule }) =>
    schedule && order.digitallySigned !== true
      ? [finding('controlled.signature-missing', '/digitallySigned', { source: '21 CFR 1311.120' })]
      : [],

  /** 21 CFR 1306.05(a): full name and address of the patient, and name and address of the practitioner. */
  controlledAddresses: ({ order, schedule }) => {
    if (!schedule) return [];
    const source = '21 CFR 1306.05(a)';
    return [
      ...(isFull(order.patient.address)
        ? []
        : [finding('controlled.patient-address-missing', '/patient/address', { source })]),
      ...(isFull(order.prescriber.address)
        ? []
        : [finding('controlled.prescriber-address-missing', '/prescriber/address', { source })]),
    ];
  },
};

function deaFindings({ order, schedule }: Subject, text: string): Finding[] {
  const field = '/prescriber/dea';
  const dea = parseDea(text);
  if (dea.kind === 'invalid') {
    return [finding(schedule ? 'prescriber.dea-invalid' : 'prescriber.dea-unneeded-invalid', field)];
  }
  if (!schedule) return [];
  // Second letter = first letter of the last name: a warning, because a number outlives a maiden name.
  const otherName = !deaNameAgrees(dea.nameLetter, order.prescriber.lastName ?? '');
  return [
    ...(prescribing.has(dea.registrant)
      ? []
      : [finding('prescriber.dea-cannot-prescribe', field, { source: '21 CFR 1306.03' })]),
    ...(otherName ? [finding('prescriber.dea-name-differs', field)] : []),
    ...(dea.registrant === 'mid-level' && schedule === 'II'
      ? [finding('prescriber.mid-level-schedule-two', field, { source: '21 CFR 1300.01(b)' })]
      : []),
  ];
}

function isFull(address: OrderAddress | undefined): boolean {
  return [address?.line1, address?.city, address?.state, address?.zip].every((part) => !isBlank(part));
}
