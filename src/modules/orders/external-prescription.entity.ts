import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { CustomerContact } from './customer.entity.js';
import { Order } from './order.entity.js';

/** A prescription written at CarePortals. It starts nothing here; ours is linked to it when its intake has arrived. */
@Entity('external_prescriptions')
@Unique('external_prescriptions_external', ['organizationId', 'externalId'])
@Index('external_prescriptions_contact', ['contactId'])
@Index('external_prescriptions_order', ['orderId'])
@Index('external_prescriptions_prescription', ['prescriptionId'])
export class ExternalPrescription {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'external_prescriptions_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** CarePortals' id; a digest of the body when it names none. */
  @Column('text', { name: 'external_id' })
  readonly externalId!: string;

  @Column('uuid', { name: 'contact_id', nullable: true })
  @ForeignKey(() => CustomerContact, { name: 'external_prescriptions_contact_id_fkey', onDelete: 'RESTRICT' })
  readonly contactId!: string | null;

  /** The order the body names, by `_id` or number. */
  @Column('text', { name: 'order_reference', nullable: true })
  readonly orderReference!: string | null;

  /** That one, else the customer's newest order that was open then. */
  @Column('uuid', { name: 'order_id', nullable: true })
  @ForeignKey(() => Order, { name: 'external_prescriptions_order_id_fkey', onDelete: 'RESTRICT' })
  readonly orderId!: string | null;

  /** Ours. */
  @Column('uuid', { name: 'prescription_id', nullable: true })
  @ForeignKey(() => Prescription, { name: 'external_prescriptions_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string | null;

  @Column('text', { name: 'drug_name', nullable: true })
  readonly drugName!: string | null;

  @Column('text', { nullable: true })
  readonly quantity!: string | null;

  /** CarePortals' word. */
  @Column('text', { nullable: true })
  readonly status!: string | null;

  /** Of the latest body. */
  @Column('text')
  readonly digest!: string;

  @Column('timestamptz', { name: 'written_at' })
  readonly writtenAt!: Date;

  @Column('uuid', { name: 'webhook_event_id' })
  readonly webhookEventId!: string;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}

/** One body about a prescription. The prescription is what they tell together. */
@Entity('external_prescription_reports')
@Unique('external_prescription_reports_once', ['externalPrescriptionId', 'digest'])
export class ExternalPrescriptionReport {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'external_prescription_reports_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'external_prescription_id' })
  @ForeignKey(() => ExternalPrescription, {
    name: 'external_prescription_reports_external_prescription_id_fkey',
    onDelete: 'RESTRICT',
  })
  readonly externalPrescriptionId!: string;

  @Column('uuid', { name: 'contact_id', nullable: true })
  @ForeignKey(() => CustomerContact, { name: 'external_prescription_reports_contact_id_fkey', onDelete: 'RESTRICT' })
  readonly contactId!: string | null;

  @Column('text', { name: 'order_reference', nullable: true })
  readonly orderReference!: string | null;

  @Column('text', { name: 'drug_name', nullable: true })
  readonly drugName!: string | null;

  @Column('text', { nullable: true })
  readonly quantity!: string | null;

  @Column('text', { nullable: true })
  readonly status!: string | null;

  /** Of what it tells and when. */
  @Column('text')
  readonly digest!: string;

  @Column('timestamptz', { name: 'written_at' })
  readonly writtenAt!: Date;

  @Column('uuid', { name: 'webhook_event_id' })
  readonly webhookEventId!: string;
}
