import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';
import type { ShipmentStatus } from './tracking.policy.js';

export type ShipmentKind = 'platform_label' | 'partner';

/** One parcel. A further fill or a replaced label is a further row; none is overwritten. */
@Entity('shipments')
@Check('shipments_kind', `kind IN ('platform_label', 'partner')`)
@Check(
  'shipments_status',
  `status IN ('pre_transit', 'in_transit', 'out_for_delivery', 'delivered', 'failure', 'returned', 'unknown', 'voided')`,
)
@Index('shipments_transaction', ['transactionId'], { unique: true })
@Index('shipments_parcel', ['prescriptionId', 'trackingNumber'], { unique: true })
@Index('shipments_tracking_number', ['trackingNumber'])
@Index('shipments_label', ['labelKey'], { where: 'label_key IS NOT NULL' })
@Index('shipments_poll_due', { synchronize: false })
export class Shipment {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'shipments_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'pharmacy_id', nullable: true })
  readonly pharmacyId!: string | null;

  /** Who bought the label: we, or the partner pharmacy. */
  @Column('text')
  readonly kind!: ShipmentKind;

  /** Shippo's word for it: `usps`, `ups`. Null when a pharmacy named none we know. */
  @Column('text', { nullable: true })
  readonly carrier!: string | null;

  /** Shippo's service level token, for example `usps_ground_advantage`. */
  @Column('text', { name: 'service_level', nullable: true })
  readonly serviceLevel!: string | null;

  @Column('text', { name: 'tracking_number' })
  readonly trackingNumber!: string;

  /** Follows from the tracking events, whatever order they come in. */
  @Column('text')
  readonly status!: ShipmentStatus;

  /** Key of the label's PDF in the file storage. */
  @Column('text', { name: 'label_key', nullable: true })
  readonly labelKey!: string | null;

  @Column('text', { name: 'rate_id', nullable: true })
  readonly rateId!: string | null;

  @Column('text', { name: 'transaction_id', nullable: true })
  readonly transactionId!: string | null;

  @Column('integer', { name: 'cost_cents', nullable: true })
  readonly costCents!: number | null;

  @Column('text', { nullable: true })
  readonly currency!: string | null;

  @Column('boolean', { name: 'signature_required', default: false })
  readonly signatureRequired!: boolean;

  @Column('date', { name: 'estimated_delivery', nullable: true })
  readonly estimatedDelivery!: string | null;

  @Column('timestamptz', { name: 'purchased_at', nullable: true })
  readonly purchasedAt!: Date | null;

  /** When the label was made, or when the pharmacy said it shipped. */
  @Column('timestamptz', { name: 'shipped_at', nullable: true })
  readonly shippedAt!: Date | null;

  /** First scan by the carrier. */
  @Column('timestamptz', { name: 'handed_over_at', nullable: true })
  readonly handedOverAt!: Date | null;

  @Column('timestamptz', { name: 'delivered_at', nullable: true })
  readonly deliveredAt!: Date | null;

  @Column('timestamptz', { name: 'voided_at', nullable: true })
  readonly voidedAt!: Date | null;

  @Column('timestamptz', { name: 'last_polled_at', nullable: true })
  readonly lastPolledAt!: Date | null;

  /** Null when there is nothing left to ask; before that it is passed over while there is nobody to ask. */
  @Column('timestamptz', { name: 'next_poll_at', nullable: true })
  readonly nextPollAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
