import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import {
  deliveryAddressOf,
  Drugs,
  isComplete,
  Organizations,
  Patients,
  Pharmacies,
  type Drug,
  type OpenPatient,
  type Pharmacy,
} from '../directory/index.js';
import { Prescriptions, type Prescription, type PrescriptionOrder } from '../prescriptions/index.js';
import { isNciCode } from '../prescriptions/order/index.js';
import type { PostalAddress } from './gateways/label-gateway.port.js';
import { senderOf } from './sender.policy.js';

/** A prescription with everybody a parcel concerns. Holds patient data: it lives as long as one step and is never stored. */
export interface ShippingSubject {
  prescription: Prescription;
  pharmacy: Pharmacy;
  patient: OpenPatient;
  order: PrescriptionOrder;
  /** Dose form in words, when the order or the drug file names one. */
  form: string | undefined;
  schedule: string | null;
}

@Injectable()
export class ShippingSubjects {
  constructor(
    private readonly prescriptions: Prescriptions,
    private readonly pharmacies: Pharmacies,
    private readonly patients: Patients,
    private readonly drugs: Drugs,
    private readonly organizations: Organizations,
    @Inject(CONFIG) private readonly config: Pick<Config, 'MAIL_FROM' | 'SUPPORT_PHONE'>,
  ) {}

  /** @throws Unrecoverable `shipping.no-pharmacy`, `shipping.no-patient`: earlier steps did not do their work */
  async read(tx: Tx, prescriptionId: string): Promise<ShippingSubject> {
    const prescription = await this.prescriptions.get(tx, prescriptionId);
    const { pharmacyId, patientId, ndc } = prescription;
    const pharmacy = pharmacyId === null ? undefined : await this.pharmacies.find(tx, pharmacyId);
    if (pharmacy === undefined) throw new Unrecoverable('shipping.no-pharmacy', 'no pharmacy fills it');
    if (patientId === null) throw new Unrecoverable('shipping.no-patient', 'no patient was matched');
    const [patient, order, drug] = await Promise.all([
      this.patients.profile(tx, patientId),
      this.prescriptions.order(tx, prescriptionId),
      ndc === null ? undefined : this.drugs.byNdc(tx, ndc),
    ]);
    const schedule = scheduleOf(prescription, drug);
    return { prescription, pharmacy, patient, order, form: drug?.form ?? formInWords(order.medication.form), schedule };
  }

  async scheduleOf(tx: Tx, prescription: Prescription): Promise<string | null> {
    const { ndc } = prescription;
    return scheduleOf(prescription, ndc === null ? undefined : await this.drugs.byNdc(tx, ndc));
  }

  /** Where a parcel of ours comes from. */
  async origin(tx: Tx, pharmacy: Pharmacy): Promise<PostalAddress> {
    const { supportPhone } = await this.organizations.get(tx, pharmacy.organizationId);
    return senderOf(pharmacy, [supportPhone, this.config.SUPPORT_PHONE], this.config.MAIL_FROM);
  }
}

/** Doors also send a form as a code, of the NCI (SCRIPT) or of SNOMED (FHIR): nothing a pharmacist reads. */
export function formInWords(form: string | undefined): string | undefined {
  return form === undefined || isNciCode(form) || /^\d+$/.test(form) ? undefined : form;
}

/**
 * Where the parcel goes. The licence routing looked at was for the state of that day, and nobody may override it.
 * @throws Unrecoverable `shipping.address-missing`, `shipping.not-licensed`
 */
export function destinationOf(subject: Omit<ShippingSubject, 'form' | 'schedule'>): PostalAddress {
  const { patient, order, prescription, pharmacy } = subject;
  const name = `${patient.firstName} ${patient.lastName}`;
  const address = deliveryAddressOf(order.patient.address, patient, prescription.receivedAt);
  if (!isComplete(address)) throw new Unrecoverable('shipping.address-missing', 'no complete address is on file');
  if (!isLicensedIn(pharmacy, address.state)) {
    throw new Unrecoverable('shipping.not-licensed', 'its pharmacy is not licensed in the state of the address');
  }
  const { line1, line2, city, state, zip } = address;
  return {
    name,
    line1,
    line2: line2 === '' ? undefined : line2,
    city,
    state,
    zip,
    phone: patient.phone ?? order.patient.phone,
  };
}

/** Where the directory came to know the drug after the order was validated, its line is all that says so. */
function scheduleOf({ schedule }: Prescription, drug: Pick<Drug, 'schedule'> | undefined): string | null {
  return schedule ?? drug?.schedule ?? null;
}

function isLicensedIn({ licensedStates }: Pharmacy, state: string): boolean {
  return licensedStates.some((licensed) => licensed.toLowerCase() === state.toLowerCase());
}
