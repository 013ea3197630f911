import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import type { DisputeStatus } from './dispute.policy.js';
import { Invoice } from './invoice.entity.js';
import { Payment } from './payment.entity.js';

/** A payment the cardholder's bank asks about or takes back. Answered at the provider; here it is seen and reckoned with. */
@Entity('disputes')
@Check(
  'disputes_status',
  `status IN ('warning_needs_response', 'warning_under_review', 'warning_closed', 'needs_response', 'under_review',
   'prevented', 'won', 'lost')`,
)
@Check('disputes_amount', 'amount_cents > 0')
@Index('disputes_provider', ['providerId'], { unique: true })
@Index('disputes_payment', ['paymentId'])
@Index('disputes_invoice', ['invoiceId'])
export class Dispute {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'disputes_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'disputes_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'invoice_id' })
  @ForeignKey(() => Invoice, { name: 'disputes_invoice_id_fkey', onDelete: 'RESTRICT' })
  readonly invoiceId!: string;

  @Column('uuid', { name: 'payment_id' })
  @ForeignKey(() => Payment, { name: 'disputes_payment_id_fkey', onDelete: 'RESTRICT' })
  readonly paymentId!: string;

  @Column('text', { name: 'provider_id' })
  readonly providerId!: string;

  @Column('text')
  readonly status!: DisputeStatus;

  /** The provider's code: `fraudulent`, `product_not_received`. */
  @Column('text')
  readonly reason!: string;

  @Column('integer', { name: 'amount_cents' })
  readonly amountCents!: number;

  /** Who does not answer at the provider by then has lost. */
  @Column('timestamptz', { name: 'evidence_due_at', nullable: true })
  readonly evidenceDueAt!: Date | null;

  @Column('timestamptz', { name: 'opened_at' })
  readonly openedAt!: Date;

  /** Of the report that stands. */
  @Column('timestamptz', { name: 'reported_at' })
  readonly reportedAt!: Date;
}
