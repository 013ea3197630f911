import type {
  OrderAddress,
  OrderCoverage,
  OrderMedication,
  OrderObservation,
  OrderPatient,
  OrderPharmacy,
  OrderPrescriber,
  PrescriptionOrder,
} from '../../prescriptions/order/index.js';
import {
  icd10Qualifiers,
  ndcQualifiers,
  readGender,
  readSchedule,
  relationships,
  rxnormQualifiers,
  strengthUnits,
  strictestSchedule,
} from './script-codes.js';
import type { ScriptEnvelope } from './script-envelope.js';
import { readNumber, some, type Draft } from './values.js';
import { vitalsAmong } from './vitals.js';
import type { XmlElement } from './xml.js';

/** The order with what its message says and nothing else; the order's schema turns it into a PrescriptionOrder. */
export type DraftOrder = Draft<Omit<PrescriptionOrder, 'patient' | 'prescriber' | 'medication' | 'observations'>> & {
  patient: Draft<OrderPatient>;
  prescriber: Draft<OrderPrescriber>;
  medication: Draft<OrderMedication>;
  observations?: Draft<OrderObservation>[] | undefined;
};

/** Reads the parts a NewRx and a CancelRx share. Where dialects differ, the paths are tried in the order given. */
export function draftOrder(message: XmlElement, transaction: XmlElement, envelope: ScriptEnvelope): DraftOrder {
  const medication = transaction.at('MedicationPrescribed');
  return {
    messageId: envelope.messageId,
    prescriberOrderNumber: envelope.prescriberOrderNumber,
    writtenDate: dateOf(medication?.at('WrittenDate')),
    patient: patientOf(transaction.at('Patient')),
    prescriber: { ...prescriberOf(transaction.at('Prescriber')), spi: spiOf(envelope) },
    pharmacy: pharmacyOf(transaction.at('Pharmacy')),
    medication: medicationOf(medication),
    coverage: coverageOf(transaction.at('BenefitsCoordination')),
    observations: observationsOf(transaction),
    digitallySigned: booleanOf(message.at('Header')?.value('DigitalSignature/DigitalSignatureIndicator')),
    note: medication?.value('Note'),
  };
}

/** Prescribers' mailboxes (qualifier D) are SPIs; a clinic or a switch is not. */
function spiOf(envelope: ScriptEnvelope): string | undefined {
  return envelope.from?.qualifier === 'D' ? envelope.from.id : undefined;
}

function patientOf(patient: XmlElement | undefined): Draft<OrderPatient> {
  const person = patient?.at('HumanPatient') ?? patient;
  return {
    externalId: person?.value(
      'Identification/MedicalRecordIdentificationNumberEHR',
      'Identification/PatientAccountNumber',
      'Identification/FileID',
    ),
    firstName: person?.value('Name/FirstName'),
    middleName: person?.value('Name/MiddleName'),
    lastName: person?.value('Name/LastName'),
    birthDate: dateOf(person?.at('DateOfBirth')),
    gender: readGender(person?.value('Gender')),
    ...contactOf(person),
    address: addressOf(person?.at('Address')),
  };
}

function prescriberOf(prescriber: XmlElement | undefined): Draft<OrderPrescriber> {
  const person = prescriber?.at('NonVeterinarian') ?? prescriber?.at('Veterinarian') ?? prescriber;
  return {
    npi: identifier(person?.value('Identification/NPI')),
    dea: identifier(person?.value('Identification/DEANumber')),
    firstName: person?.value('Name/FirstName'),
    lastName: person?.value('Name/LastName'),
    ...contactOf(person),
    address: addressOf(person?.at('Address')),
  };
}

function pharmacyOf(pharmacy: XmlElement | undefined): OrderPharmacy | undefined {
  return some<Draft<OrderPharmacy>>({
    ncpdpId: identifier(pharmacy?.value('Identification/NCPDPID')),
    npi: identifier(pharmacy?.value('Identification/NPI')),
    name: pharmacy?.value('BusinessName', 'StoreName'),
  });
}

/** Senders fill a mandatory identifier they do not have with the word NONE. */
function identifier(text: string | undefined): string | undefined {
  return text?.toUpperCase() === 'NONE' ? undefined : text;
}

function contactOf(person: XmlElement | undefined): { phone: string | undefined; email: string | undefined } {
  const numbers = person?.at('CommunicationNumbers');
  return {
    phone: numbers?.value('PrimaryTelephone/Number', 'HomeTelephone/Number', 'WorkTelephone/Number'),
    email: numbers?.value('ElectronicMail'),
  };
}

function addressOf(address: XmlElement | undefined): OrderAddress | undefined {
  return some<Draft<OrderAddress>>({
    line1: address?.value('AddressLine1'),
    line2: address?.value('AddressLine2'),
    city: address?.value('City'),
    state: address?.value('StateProvince', 'State'),
    zip: address?.value('PostalCode', 'ZipCode'),
  });
}

function medicationOf(medication: XmlElement | undefined): Draft<OrderMedication> {
  const coded = medication?.at('DrugCoded');
  const compound = medication?.at('CompoundInformation');
  const schedule = strictestSchedule([
    scheduleOf(coded) ?? scheduleOf(medication),
    ...ingredientsOf(compound).map(scheduleOf),
  ]);
  const strength = coded?.at('Strength') ?? medication?.at('Strength');
  return {
    description: medication?.value('DrugDescription'),
    ndc: coded && ndcOf(coded),
    rxnormCode: coded && rxnormOf(coded),
    strength: strengthOf(strength),
    compound: compound && true,
    form: strength?.value('StrengthForm/Code', 'StrengthForm'),
    schedule: readSchedule(schedule),
    scheduleCode: schedule,
    quantity: readNumber(medication?.value('Quantity/Value')),
    quantityUnit: medication?.value('Quantity/QuantityUnitOfMeasure/Code', 'Quantity/PotencyUnitCode'),
    daysSupply: readNumber(medication?.value('DaysSupply')),
    refills: readNumber(medication?.value('NumberOfRefills', 'Refills/Value')),
    substitutions: substitutionsOf(medication?.value('Substitutions')),
    sig: medication?.value('Sig/SigText', 'Directions'),
    diagnoses: diagnosesOf(medication),
    // The effective date of a prescription is the day before which it may not be filled (21 CFR 1306.12(b)).
    earliestFillDate: otherDateOf(medication, 'EffectiveDate'),
    latestFillDate: otherDateOf(medication, 'ExpirationDate'),
  };
}

function scheduleOf(drug: XmlElement | undefined): string | undefined {
  return drug?.value('DEASchedule/Code', 'DEASchedule');
}

/** A prescription wraps each in CompoundIngredientsLotNotUsed; whatever the wrapper is called, none may be missed. */
function ingredientsOf(element: XmlElement | undefined): XmlElement[] {
  return (element?.children ?? []).flatMap((child) =>
    child.name === 'CompoundIngredient' ? [child] : ingredientsOf(child),
  );
}

/** `{Code, Qualifier}` in messages on the wire, text with a Qualifier attribute or a sibling element in older ones. */
function codeWithQualifier(coded: XmlElement, name: string): { code?: string; qualifier?: string } {
  const element = coded.at(name);
  const code = element?.value('Code') ?? (element?.text || undefined);
  const qualifier =
    element?.value('Qualifier') ?? element?.attributes.get('Qualifier') ?? coded.value(`${name}Qualifier`);
  return { ...(code !== undefined && { code }), ...(qualifier && { qualifier: qualifier.toUpperCase() }) };
}

function ndcOf(coded: XmlElement): string | undefined {
  const { code, qualifier } = codeWithQualifier(coded, 'ProductCode');
  const isNdc = qualifier === undefined || ndcQualifiers.has(qualifier);
  return (isNdc ? code : undefined) ?? coded.value('NDC');
}

function rxnormOf(coded: XmlElement): string | undefined {
  const { code, qualifier } = codeWithQualifier(coded, 'DrugDBCode');
  return qualifier !== undefined && rxnormQualifiers.has(qualifier) ? code : undefined;
}

function strengthOf(strength: XmlElement | undefined): string | undefined {
  const value = strength?.value('StrengthValue') ?? (strength?.text || undefined);
  const unit = strength?.value('StrengthUnitOfMeasure/Code', 'StrengthUnitOfMeasure');
  if (value === undefined || unit === undefined) return value;
  return `${value} ${strengthUnits[unit] ?? unit}`;
}

function substitutionsOf(text: string | undefined): 0 | 1 | undefined {
  if (text === '0') return 0;
  return text === '1' ? 1 : undefined;
}

function diagnosesOf(medication: XmlElement | undefined): string[] | undefined {
  const codes = (medication?.all('Diagnosis') ?? []).flatMap((diagnosis) =>
    [...diagnosis.all('Primary'), ...diagnosis.all('Secondary')].flatMap((entry) => {
      const code = entry.value('Code', 'Value');
      const qualifier = entry.value('Qualifier')?.toUpperCase();
      return code !== undefined && (qualifier === undefined || icd10Qualifiers.has(qualifier)) ? [code] : [];
    }),
  );
  return codes.length > 0 ? codes : undefined;
}

/** Among the other dates of a message on the wire, an element of its own in older ones. */
function otherDateOf(medication: XmlElement | undefined, qualifier: string): string | undefined {
  const dated = medication
    ?.all('OtherMedicationDate')
    .find((other) => other.value('OtherMedicationDateQualifier') === qualifier);
  return dateOf(dated?.at('OtherMedicationDate')) ?? dateOf(medication?.at(qualifier));
}

function coverageOf(benefits: XmlElement | undefined): OrderCoverage | undefined {
  const relationship = benefits?.value('PatientRelationship', 'PatientRelationshipCode') ?? '';
  return some<Draft<OrderCoverage>>({
    bin: benefits?.value('PayerIdentification/IINNumber', 'PayerIdentification/BINLocationNumber'),
    pcn: benefits?.value('PayerIdentification/ProcessorIdentificationNumber'),
    groupId: benefits?.value('GroupID'),
    cardholderId: benefits?.value('CardholderID'),
    personCode: benefits?.value('PersonCode'),
    relationship: relationships[relationship],
    payerName: benefits?.value('PayerName'),
  });
}

function observationsOf(transaction: XmlElement): Draft<OrderObservation>[] | undefined {
  const measured = transaction.all('Observation').flatMap((observation) => observation.all('Measurement'));
  return vitalsAmong(
    measured.map((one) => ({
      code: one.value('VitalSign'),
      value: readNumber(one.value('Value')),
      units: [one.value('UnitOfMeasure')],
      date: dateOf(one.at('ObservationDate')),
    })),
  );
}

function dateOf(element: XmlElement | undefined): string | undefined {
  return element?.value('Date', 'DateTime') ?? (element?.text || undefined);
}

function booleanOf(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return /^(?:true|1|y|yes)$/i.test(text);
}
