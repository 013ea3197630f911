import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Ticket } from '../tickets/index.js';
import { states, type PrescriptionState } from './prescription.machine.js';

export type PrescriptionPath = 'full' | 'cash' | 'direct';
export type IntakeSource = 'script' | 'json' | 'fhir' | 'ticket' | 'careportals';

/** One medication ordered for one patient, with the facts the steps hand to each other. State moves by actions only. */
@Entity('prescriptions')
@Check('prescriptions_path', `path IN ('full', 'cash', 'direct')`)
@Check('prescriptions_state', `state IN (${states.map((state) => `'${state}'`).join(', ')})`)
@Index('prescriptions_rx_number', ['rxNumber'], { unique: true })
@Index('prescriptions_newest', { synchronize: false })
@Index('prescriptions_by_state', { synchronize: false })
@Index('prescriptions_of_patient', { synchronize: false })
@Index('prescriptions_of_provider', { synchronize: false })
@Index('prescriptions_of_pharmacy', { synchronize: false })
@Index('prescriptions_read_by_pharmacy', { synchronize: false })
@Index('prescriptions_message', { synchronize: false })
@Index('prescriptions_order_number', { synchronize: false })
@Index('prescriptions_ticket', { synchronize: false })
export class Prescription {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'prescriptions_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'ticket_id' })
  @ForeignKey(() => Ticket, { name: 'prescriptions_ticket_id_fkey', onDelete: 'RESTRICT' })
  readonly ticketId!: string;

  /** Null until validation has matched the patient. */
  @Column('uuid', { name: 'patient_id', nullable: true })
  readonly patientId!: string | null;

  @Column('uuid', { name: 'provider_id', nullable: true })
  readonly providerId!: string | null;

  @Column('uuid', { name: 'pharmacy_id', nullable: true })
  readonly pharmacyId!: string | null;

  /** The pharmacy of the ticket it was sent on: it reads it until one was chosen. */
  @Column('uuid', { name: 'asked_pharmacy_id', nullable: true })
  readonly askedPharmacyId!: string | null;

  /** NCPDP 402-D2: our number of the prescription on claims; at most 12 digits. */
  @Column('bigint', { name: 'rx_number', default: () => `nextval('rx_numbers')` })
  readonly rxNumber!: number;

  @Column('text')
  readonly path!: PrescriptionPath;

  @Column('text')
  readonly state!: PrescriptionState;

  @Column('timestamptz', { name: 'state_since' })
  readonly stateSince!: Date;

  /** When the outcome that stands (delivered, failed, …) happened; later reports of an earlier one are history only. */
  @Column('timestamptz', { name: 'outcome_at', nullable: true })
  readonly outcomeAt!: Date | null;

  @Column('integer', { default: 1 })
  readonly version!: number;

  /** The version of the order that counts now; see PrescriptionVersion. */
  @Column('integer', { name: 'order_version', default: 1 })
  readonly orderVersion!: number;

  @Column('text')
  readonly source!: IntakeSource;

  @Column('text')
  readonly sender!: string;

  @Column('text', { name: 'message_id', nullable: true })
  readonly messageId!: string | null;

  @Column('text', { name: 'prescriber_order_number', nullable: true })
  readonly prescriberOrderNumber!: string | null;

  @Column('text', { name: 'drug_description', nullable: true })
  readonly drugDescription!: string | null;

  /** 11 digits once validated. */
  @Column('text', { nullable: true })
  readonly ndc!: string | null;

  @Column('text', { nullable: true })
  readonly schedule!: string | null;

  /** Decimal text: numeric does not fit a double. */
  @Column('numeric', { precision: 12, scale: 3, nullable: true })
  readonly quantity!: string | null;

  @Column('text', { name: 'quantity_unit', nullable: true })
  readonly quantityUnit!: string | null;

  @Column('integer', { name: 'days_supply', nullable: true })
  readonly daysSupply!: number | null;

  @Column('integer', { nullable: true })
  readonly refills!: number | null;

  @Column('date', { name: 'written_date', nullable: true })
  readonly writtenDate!: string | null;

  /** Not filled before this day; see `firstFillAt`. */
  @Column('date', { name: 'earliest_fill_date', nullable: true })
  readonly earliestFillDate!: string | null;

  @Column('text', { name: 'service_level', default: 'standard' })
  readonly serviceLevel!: string;

  /** What the patient owes, in cents; null until priced. */
  @Column('integer', { name: 'owed_cents', nullable: true })
  readonly owedCents!: number | null;

  @Column('text', { default: 'USD' })
  readonly currency!: string;

  /** The caller's own keys, at most 16 KB. */
  @Column('jsonb', { default: {} })
  readonly metadata!: Record<string, unknown>;

  @Column('timestamptz', { name: 'received_at' })
  readonly receivedAt!: Date;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  readonly completedAt!: Date | null;
}

/** What was ordered, version by version, sealed. A correction adds one; nothing is overwritten. */
@Entity('prescription_versions')
export class PrescriptionVersion {
  @PrimaryColumn('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'prescription_versions_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @PrimaryColumn('integer')
  readonly version!: number;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('bytea', { name: 'order_sealed' })
  readonly orderSealed!: Buffer;

  /** Result of validation: list of findings; null until validated. */
  @Column('jsonb', { nullable: true })
  readonly findings!: unknown;

  @Column('timestamptz', { name: 'validated_at', nullable: true })
  readonly validatedAt!: Date | null;

  @Column('text', { nullable: true })
  readonly reason!: string | null;

  @Column('uuid', { name: 'created_by', nullable: true })
  readonly createdBy!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
