import {
  comparableLastName,
  firstNamesAgree,
  isIdentified,
  isStateCode,
  normalizePhone,
  zip5Of,
  zipAgainstState,
} from '../../directory/index.js';
import { ageOn, isCalendarDate, heightCodes, weightCodes, type OrderAddress } from '../../prescriptions/order/index.js';
import { finding, type Finding } from '../findings.js';
import { isBlank, type Rule, type Subject } from '../subject.js';

/** Nobody on record lived to 125. */
const OLDEST_AGE = 125;
/** WENO asks for height and weight below this age. */
const ADULT_AGE = 19;

export const patientRules: Readonly<Record<string, Rule>> = {
  /** SCRIPT 2017071 HumanPatient: names are mandatory; VA PTT02. */
  patientNames: ({ order: { patient } }) => [
    ...(isBlank(patient.firstName) ? [finding('patient.first-name-missing', '/patient/firstName')] : []),
    ...(isBlank(patient.lastName) ? [finding('patient.last-name-missing', '/patient/lastName')] : []),
    ...(['firstName', 'lastName'] as const)
      .filter((name) => /\d/.test(patient[name] ?? ''))
      .map((name) => finding('patient.name-has-digits', `/patient/${name}`)),
  ],

  /** SCRIPT 2017071 HumanPatient DateOfBirth; NCPDP D.0 304-C4. */
  patientBirthDate: ({ order: { patient }, context: { today } }) => {
    const field = '/patient/birthDate';
    const { birthDate } = patient;
    if (isBlank(birthDate)) return [finding('patient.birth-date-missing', field)];
    if (!isCalendarDate(birthDate)) return [finding('patient.birth-date-unreadable', field)];
    const impossible = birthDate > today || ageOn(birthDate, today) > OLDEST_AGE;
    return impossible ? [finding('patient.birth-date-impossible', field)] : [];
  },

  /** VA PTT02: a prescription for another person of the same record is worse than a late one. */
  patientOnFile: ({ order: { patient }, context: { patientOnFile } }) => {
    if (!patientOnFile) return [];
    const otherBirthDate = !isBlank(patient.birthDate) && patient.birthDate !== patientOnFile.birthDate;
    const otherLastName =
      !isBlank(patient.lastName) && comparableLastName(patient.lastName) !== comparableLastName(patientOnFile.lastName);
    // Matching asks for the first name as well, but not of an external id; twins or a family may share one.
    const otherFirstName = !isBlank(patient.firstName) && !firstNamesAgree(patient.firstName, patientOnFile.firstName);
    return [
      ...(otherBirthDate ? [finding('patient.birth-date-differs', '/patient/birthDate')] : []),
      ...(otherLastName ? [finding('patient.last-name-differs', '/patient/lastName')] : []),
      ...(otherFirstName ? [finding('patient.first-name-differs', '/patient/firstName')] : []),
    ];
  },

  /** VA PTT03; state and ZIP decide licence and distance, so they must be there and must agree. */
  patientAddress: ({ order: { patient } }) => {
    const address = patient.address ?? {};
    return [
      ...stateFindings(address.state),
      ...zipFindings(address.zip, address.state),
      ...(isBlank(address.line1) ? [finding('patient.street-missing', '/patient/address/line1')] : []),
      ...(isBlank(address.city) ? [finding('patient.street-missing', '/patient/address/city')] : []),
    ];
  },

  /** People move; a parcel to the house they left is read as delivered. */
  patientAddressOnFile: ({ order: { patient }, context: { patientOnFile } }) => {
    const [stated, known] = [houseOf(patient.address), houseOf(patientOnFile?.address)];
    const differs = stated !== undefined && known !== undefined && stated !== known;
    return differs ? [finding('patient.address-differs', '/patient/address')] : [];
  },

  /** Enrollment, payment link and tracking reach the patient by one of the two. */
  patientContact: ({ order: { patient } }) => {
    if (isBlank(patient.phone) && isBlank(patient.email)) return [finding('patient.contact-missing', '/patient/phone')];
    const unusableEmail = !isBlank(patient.email) && !patient.email.includes('@');
    return [
      ...(unusablePhone(patient.phone) ? [finding('patient.phone-unusable', '/patient/phone')] : []),
      ...(unusableEmail ? [finding('patient.email-unusable', '/patient/email')] : []),
    ];
  },

  /** Nobody goes on file who could not be found again; without a patient an order has nobody to enroll. */
  patientIdentity: ({ order: { patient }, context: { patientOnFile } }) => {
    const { firstName, lastName, birthDate } = patient;
    const isIncomplete = isBlank(firstName) || isBlank(lastName) || isBlank(birthDate) || !isCalendarDate(birthDate);
    return isIncomplete || patientOnFile || isIdentified(patient) ? [] : [finding('patient.unidentified', '/patient')];
  },

  /** WENO: refuses a NewRx for a patient under 19 at SentTime without Observation of height and weight. */
  paediatricVitals: (subject) => {
    const { order, context } = subject;
    const { birthDate } = order.patient;
    if (isBlank(birthDate) || !isCalendarDate(birthDate)) return [];
    const age = ageOn(birthDate, sentDate(subject));
    if (age < 0 || age >= ADULT_AGE) return [];
    const codes = (order.observations ?? []).filter(({ value }) => value > 0).map(({ code }) => code);
    const measured = codes.some((code) => heightCodes.has(code)) && codes.some((code) => weightCodes.has(code));
    if (measured) return [];
    const severity = context.settings.paediatricVitals;
    return [finding('patient.vitals-missing', '/observations', { severity, source: 'WENO' })];
  },
};

/** Inbound bodies are strict in structure and soft in contact data: an unusable number only warns. */
export function unusablePhone(phone: string | undefined): boolean {
  if (isBlank(phone)) return false;
  const normalized = normalizePhone(phone);
  return normalized.kind === 'invalid' || normalized.e164 !== phone;
}

function stateFindings(state: string | undefined): Finding[] {
  const field = '/patient/address/state';
  if (isBlank(state)) return [finding('patient.state-missing', field)];
  return isStateCode(state.toUpperCase()) ? [] : [finding('patient.state-unknown', field)];
}

function zipFindings(zip: string | undefined, state: string | undefined): Finding[] {
  const field = '/patient/address/zip';
  if (isBlank(zip)) return [finding('patient.zip-missing', field)];
  if (zip5Of(zip) === undefined) return [finding('patient.zip-malformed', field)];
  if (isBlank(state) || !isStateCode(state.toUpperCase())) return [];
  const verdict = zipAgainstState(zip, state);
  if (verdict === 'agrees') return [];
  return [finding(verdict === 'disagrees' ? 'patient.zip-outside-state' : 'patient.zip-unknown', field)];
}

/** A sender's clock may be ahead; nobody is older for it. */
function sentDate({ context: { sentOn, today } }: Subject): string {
  return sentOn !== undefined && sentOn < today ? sentOn : today;
}

/** Street and ZIP without signs: enough to tell two houses apart. @returns undefined when one of them is missing */
function houseOf(address: OrderAddress | undefined): string | undefined {
  const zip = zip5Of(address?.zip ?? '');
  const street = address?.line1?.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '') ?? '';
  return zip === undefined || street === '' ? undefined : `${street} ${zip}`;
}
