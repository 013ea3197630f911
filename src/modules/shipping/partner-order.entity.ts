import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Prescription } from '../prescriptions/index.js';

/** An order we placed in a partner pharmacy's own system, with the numbers it will call it by. */
@Entity('partner_orders')
@Index('partner_orders_once', ['prescriptionId', 'lifefileOrderId'], { unique: true })
@Index('partner_orders_lifefile', ['lifefileOrderId'])
export class PartnerOrder {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'partner_orders_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'pharmacy_id' })
  readonly pharmacyId!: string;

  @Column('text', { name: 'lifefile_order_id' })
  readonly lifefileOrderId!: string;

  @Column('text', { name: 'fill_id', nullable: true })
  readonly fillId!: string | null;

  /** The pharmacy's number of the prescription, not ours. */
  @Column('text', { name: 'rx_number', nullable: true })
  readonly rxNumber!: string | null;

  @Column('text', { name: 'reference_id' })
  readonly referenceId!: string;

  @Column('timestamptz', { name: 'sent_at' })
  readonly sentAt!: Date;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  readonly cancelledAt!: Date | null;
}
