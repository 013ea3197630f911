import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { Invoice } from './invoice.entity.js';
import { Payment } from './payment.entity.js';

/** `requested` by a person; `rest`: all that is left, by the platform; `outside`: made at the provider. */
export type RefundKind = 'requested' | 'rest' | 'outside';
export type RefundStatus = 'created' | 'pending' | 'succeeded' | 'failed';

@Entity('refunds')
@Check('refunds_kind', `kind IN ('requested', 'rest', 'outside')`)
@Check('refunds_amount', 'amount_cents > 0')
@Check('refunds_status', `status IN ('created', 'pending', 'succeeded', 'failed')`)
@Index('refunds_provider', ['providerId'], { unique: true })
@Index('refunds_payment', ['paymentId'])
@Index('refunds_prescription', ['prescriptionId'])
@Index('refunds_invoice', ['invoiceId'])
@Index('refunds_asked', ['askedAs'], { unique: true, where: 'asked_as IS NOT NULL' })
@Index('refunds_unsettled', ['createdAt'], { where: `status = 'pending'` })
export class Refund {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'refunds_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'refunds_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'invoice_id' })
  @ForeignKey(() => Invoice, { name: 'refunds_invoice_id_fkey', onDelete: 'RESTRICT' })
  readonly invoiceId!: string;

  @Column('uuid', { name: 'payment_id' })
  @ForeignKey(() => Payment, { name: 'refunds_payment_id_fkey', onDelete: 'RESTRICT' })
  readonly paymentId!: string;

  @Column('text')
  readonly kind!: RefundKind;

  @Column('integer', { name: 'amount_cents' })
  readonly amountCents!: number;

  @Column('text')
  readonly reason!: string;

  /** The user or key that asked; null when the platform did. */
  @Column('uuid', { name: 'requested_by', nullable: true })
  readonly requestedBy!: string | null;

  /** The request's Idempotency-Key, hashed: a repeat of it is answered with this refund. */
  @Column('text', { name: 'asked_as', nullable: true })
  readonly askedAs!: string | null;

  @Column('text', { name: 'provider_id', nullable: true })
  readonly providerId!: string | null;

  @Column('text')
  readonly status!: RefundStatus;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  /** When the provider was last asked what became of it. */
  @Column('timestamptz', { name: 'checked_at', nullable: true })
  readonly checkedAt!: Date | null;

  @Column('timestamptz', { name: 'confirmed_at', nullable: true })
  readonly confirmedAt!: Date | null;

  @Column('timestamptz', { name: 'failed_at', nullable: true })
  readonly failedAt!: Date | null;
}

/** Its money is still with us. */
export function isFailed({ status }: Pick<Refund, 'status'>): boolean {
  return status === 'failed';
}
