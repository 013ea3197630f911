import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';

export const invoiceStatuses = ['draft', 'open', 'paid', 'void', 'refunded', 'partially_refunded'] as const;
export type InvoiceStatus = (typeof invoiceStatuses)[number];

/** The last number given out, per organization; taken in the transaction of the invoice, so no number is ever missing. */
@Entity('invoice_counters')
export class InvoiceCounter {
  @PrimaryColumn('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'invoice_counters_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('integer')
  readonly last!: number;
}

@Entity('invoices')
@Check('invoices_status', `status IN ('draft', 'open', 'paid', 'void', 'refunded', 'partially_refunded')`)
@Check('invoices_amount', 'amount_cents >= 0')
@Index('invoices_number', ['organizationId', 'number'], { unique: true })
@Index('invoices_standing', ['prescriptionId'], { unique: true, where: `status <> 'void'` })
@Index('invoices_newest', { synchronize: false })
export class Invoice {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'invoices_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'invoices_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('text')
  readonly number!: string;

  @Column('text')
  readonly status!: InvoiceStatus;

  @Column('integer', { name: 'amount_cents' })
  readonly amountCents!: number;

  @Column('text')
  readonly currency!: string;

  /** Generic on purpose: invoices travel by mail, and a drug name is health information. */
  @Column('text')
  readonly description!: string;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'paid_at', nullable: true })
  readonly paidAt!: Date | null;
}
