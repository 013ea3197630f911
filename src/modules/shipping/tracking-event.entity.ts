import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';
import { Shipment } from './shipment.entity.js';
import type { TrackingSource, TrackingStatus } from './tracking.policy.js';

/** What was reported of a parcel, once, at its own time, however often and by whichever way it came. */
@Entity('tracking_events')
@Check('tracking_events_source', `source IN ('shippo', 'lifefile', 'poll')`)
@Check(
  'tracking_events_status',
  `status IN ('pre_transit', 'in_transit', 'out_for_delivery', 'delivered', 'failure', 'returned', 'unknown')`,
)
@Index('tracking_events_once', ['shipmentId', 'dedupeKey'], { unique: true })
@Index('tracking_events_of_prescription', ['prescriptionId', 'occurredAt', 'id'])
export class TrackingEvent {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'shipment_id' })
  @ForeignKey(() => Shipment, { name: 'tracking_events_shipment_id_fkey', onDelete: 'RESTRICT' })
  readonly shipmentId!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'tracking_events_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('text')
  readonly source!: TrackingSource;

  @Column('text')
  readonly status!: TrackingStatus;

  @Column('text', { nullable: true })
  readonly substatus!: string | null;

  @Column('text', { nullable: true })
  readonly city!: string | null;

  @Column('text', { nullable: true })
  readonly state!: string | null;

  /** The carrier's estimate at that moment. */
  @Column('date', { name: 'estimated_delivery', nullable: true })
  readonly estimatedDelivery!: string | null;

  @Column('timestamptz', { name: 'occurred_at' })
  readonly occurredAt!: Date;

  @Column('timestamptz', { name: 'recorded_at' })
  readonly recordedAt!: Date;

  @Column('text', { name: 'dedupe_key' })
  readonly dedupeKey!: string;
}
