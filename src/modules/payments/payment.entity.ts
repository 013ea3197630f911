import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { Invoice } from './invoice.entity.js';

export const paymentStatuses = ['created', 'open', 'paid', 'expired', 'failed', 'refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

/** Why the link was made: the pipeline asked, an older one ran out, a person wanted a new one. */
export type PaymentOrigin = 'request' | 'renewal' | 'manual';

/** One payment link. A new link is a new row with the next attempt; at most one of them is ever paid and kept. */
@Entity('payments')
@Check('payments_origin', `origin IN ('request', 'renewal', 'manual')`)
@Check('payments_status', `status IN ('created', 'open', 'paid', 'expired', 'failed', 'refunded')`)
@Check('payments_amount', 'amount_cents > 0')
@Index('payments_attempt', ['prescriptionId', 'attempt'], { unique: true })
@Index('payments_session', ['sessionId'], { unique: true })
@Index('payments_intent', ['paymentIntentId'])
@Index('payments_unsettled', ['checkedAt'], { where: `status = 'open'` })
export class Payment {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'payments_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'payments_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'invoice_id' })
  @ForeignKey(() => Invoice, { name: 'payments_invoice_id_fkey', onDelete: 'RESTRICT' })
  readonly invoiceId!: string;

  @Column('text', { default: 'stripe' })
  readonly provider!: string;

  @Column('text')
  readonly origin!: PaymentOrigin;

  @Column('integer')
  readonly attempt!: number;

  @Column('text')
  readonly status!: PaymentStatus;

  @Column('text', { name: 'session_id', nullable: true })
  readonly sessionId!: string | null;

  @Column('text', { name: 'payment_intent_id', nullable: true })
  readonly paymentIntentId!: string | null;

  /** Whoever has the address can pay, and sees the amount. */
  @Column('bytea', { name: 'url_sealed', nullable: true })
  readonly urlSealed!: Buffer | null;

  @Column('integer', { name: 'amount_cents' })
  readonly amountCents!: number;

  @Column('text')
  readonly currency!: string;

  /** What did not fit when the provider reported it: a code, for ops. */
  @Column('text', { nullable: true })
  readonly finding!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  /** When the provider was last asked about it. */
  @Column('timestamptz', { name: 'checked_at', nullable: true })
  readonly checkedAt!: Date | null;

  @Column('timestamptz', { name: 'paid_at', nullable: true })
  readonly paidAt!: Date | null;
}
