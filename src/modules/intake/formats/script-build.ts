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
import { party, prefixed } from './script-answers.js';
import { genderCodes, rootAttributes, scheduleCodes, strengthUnits, type ScriptVersion } from './script-codes.js';
import type { ScriptParty } from './script-envelope.js';
import { nationalPhone } from './values.js';
import { buildXml, type XmlContent } from './xml.js';

export interface OutgoingEnvelope {
  messageId?: string;
  /** A prescriber's mailbox when the order knows one (its SPI). */
  from: ScriptParty;
  to: ScriptParty;
  sentTime: Date;
  relatesToMessageId?: string;
  prescriberOrderNumber?: string;
}

/** Writes an order as a prescriber's system would send it; `parseScript` reads the same order back. */
export function buildNewRx(order: PrescriptionOrder, envelope: OutgoingEnvelope, version: ScriptVersion): string {
  return message(order, envelope, version, {
    NewRx: {
      BenefitsCoordination: order.coverage && coverageXml(order.coverage),
      Patient: patientXml(order.patient),
      Pharmacy: order.pharmacy && pharmacyXml(order.pharmacy),
      Prescriber: prescriberXml(order.prescriber),
      Observation: order.observations && { Measurement: order.observations.map(measurementXml) },
      MedicationPrescribed: medicationXml(order, version),
    },
  });
}

/** Writes the cancellation of an order that was sent before under `envelope.relatesToMessageId`. */
export function buildCancelRx(order: PrescriptionOrder, envelope: OutgoingEnvelope, version: ScriptVersion): string {
  return message(order, envelope, version, {
    CancelRx: {
      Patient: patientXml(order.patient),
      Pharmacy: order.pharmacy && pharmacyXml(order.pharmacy),
      Prescriber: prescriberXml(order.prescriber),
      MedicationPrescribed: medicationXml(order, version),
    },
  });
}

function message(
  order: PrescriptionOrder,
  envelope: OutgoingEnvelope,
  version: ScriptVersion,
  body: XmlContent,
): string {
  const from = order.prescriber.spi === undefined ? envelope.from : { id: order.prescriber.spi, qualifier: 'D' };
  return buildXml({
    Message: {
      ...prefixed(rootAttributes[version]),
      Header: {
        To: party(envelope.to),
        From: party(from),
        MessageID: envelope.messageId ?? order.messageId,
        RelatesToMessageID: envelope.relatesToMessageId,
        SentTime: envelope.sentTime.toISOString(),
        PrescriberOrderNumber: envelope.prescriberOrderNumber ?? order.prescriberOrderNumber,
        DigitalSignature:
          order.digitallySigned === undefined
            ? undefined
            : { '@Version': '1.1', DigitalSignatureIndicator: String(order.digitallySigned) },
      },
      Body: body,
    },
  });
}

function patientXml(patient: OrderPatient): XmlContent {
  return {
    HumanPatient: {
      Identification:
        patient.externalId === undefined ? undefined : { MedicalRecordIdentificationNumberEHR: patient.externalId },
      Name: { LastName: patient.lastName, FirstName: patient.firstName, MiddleName: patient.middleName },
      Gender: patient.gender && genderCodes[patient.gender],
      DateOfBirth: dateXml(patient.birthDate),
      Address: patient.address && addressXml(patient.address),
      CommunicationNumbers: contactXml(patient),
    },
  };
}

function prescriberXml(prescriber: OrderPrescriber): XmlContent {
  return {
    NonVeterinarian: {
      Identification: { DEANumber: prescriber.dea, NPI: prescriber.npi },
      Name: { LastName: prescriber.lastName, FirstName: prescriber.firstName },
      Address: prescriber.address && addressXml(prescriber.address),
      CommunicationNumbers: contactXml(prescriber),
    },
  };
}

function pharmacyXml(pharmacy: OrderPharmacy): XmlContent {
  return { Identification: { NCPDPID: pharmacy.ncpdpId, NPI: pharmacy.npi }, BusinessName: pharmacy.name };
}

function contactXml({ phone, email }: { phone?: string; email?: string }): XmlContent | undefined {
  if (phone === undefined && email === undefined) return undefined;
  return {
    PrimaryTelephone: phone === undefined ? undefined : { Number: nationalPhone(phone) },
    ElectronicMail: email,
  };
}

function addressXml(address: OrderAddress): XmlContent {
  return {
    AddressLine1: address.line1,
    AddressLine2: address.line2,
    City: address.city,
    StateProvince: address.state,
    PostalCode: address.zip,
    CountryCode: 'US',
  };
}

function coverageXml(coverage: OrderCoverage): XmlContent {
  return {
    PayerIdentification: { ProcessorIdentificationNumber: coverage.pcn, IINNumber: coverage.bin },
    PayerName: coverage.payerName,
    CardholderID: coverage.cardholderId,
    GroupID: coverage.groupId,
    PersonCode: coverage.personCode,
    PatientRelationship: coverage.relationship,
  };
}

function measurementXml(observation: OrderObservation): XmlContent {
  return {
    VitalSign: observation.code,
    Value: decimal(observation.value),
    UnitOfMeasure: observation.unit,
    ObservationDate: dateXml(observation.date),
  };
}

/** 2023011 writers put the strength beside DrugCoded, 2017071 writers within it. */
function medicationXml(order: PrescriptionOrder, version: ScriptVersion): XmlContent {
  const { medication } = order;
  const strength = strengthXml(medication);
  return {
    DrugDescription: medication.description,
    DrugCoded: drugCodedXml(medication, version === '2017071' ? strength : undefined),
    Strength: version === '2023011' ? strength : undefined,
    Quantity: quantityXml(medication),
    DaysSupply: decimal(medication.daysSupply),
    WrittenDate: dateXml(order.writtenDate),
    Substitutions: decimal(medication.substitutions),
    NumberOfRefills: decimal(medication.refills),
    Diagnosis: medication.diagnoses?.map((code) => ({
      ClinicalInformationQualifier: '1',
      Primary: { Code: code, Qualifier: 'ABF' },
    })),
    Note: order.note,
    Sig: medication.sig === undefined ? undefined : { SigText: medication.sig },
    OtherMedicationDate: [
      ...otherDateXml('EffectiveDate', medication.earliestFillDate),
      ...otherDateXml('ExpirationDate', medication.latestFillDate),
    ],
  };
}

function otherDateXml(qualifier: string, date: string | undefined): XmlContent[] {
  return date === undefined ? [] : [{ OtherMedicationDate: dateXml(date), OtherMedicationDateQualifier: qualifier }];
}

function drugCodedXml(medication: OrderMedication, strength: XmlContent | undefined): XmlContent {
  const schedule = medication.scheduleCode ?? (medication.schedule && scheduleCodes[medication.schedule]);
  return {
    ProductCode: medication.ndc === undefined ? undefined : { Code: medication.ndc, Qualifier: 'ND' },
    Strength: strength,
    DrugDBCode: medication.rxnormCode === undefined ? undefined : { Code: medication.rxnormCode, Qualifier: 'SCD' },
    DEASchedule: schedule === undefined ? undefined : { Code: schedule },
  };
}

/** A number and a unit with an NCI code are written apart; any other strength is one text. */
function strengthXml({ strength, form }: OrderMedication): XmlContent | undefined {
  if (strength === undefined && form === undefined) return undefined;
  const [, value, word] = /^(\S+) (\S+)$/.exec(strength ?? '') ?? [];
  const unit = Object.keys(strengthUnits).find((code) => strengthUnits[code] === word);
  return {
    StrengthValue: unit === undefined ? strength : value,
    StrengthForm: form === undefined ? undefined : { Code: form },
    StrengthUnitOfMeasure: unit === undefined ? undefined : { Code: unit },
  };
}

function quantityXml({ quantity, quantityUnit }: OrderMedication): XmlContent | undefined {
  if (quantity === undefined && quantityUnit === undefined) return undefined;
  return {
    Value: decimal(quantity),
    // 38: the quantity is the one prescribed.
    CodeListQualifier: '38',
    QuantityUnitOfMeasure: quantityUnit === undefined ? undefined : { Code: quantityUnit },
  };
}

/** Never in exponent notation, and without what nine decimals cannot hold. */
function decimal(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/\.?0+$/, '');
}

function dateXml(date: string | undefined): XmlContent | undefined {
  if (date === undefined) return undefined;
  return date.includes('T') ? { DateTime: date } : { Date: date };
}
