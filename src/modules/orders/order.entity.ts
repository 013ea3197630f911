import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';
import { CustomerContact } from './customer.entity.js';
import type { OrderFinding } from './order.policy.js';
import { addressKinds, reductionTypes, type AddressKind, type ReductionType } from './wire/parts.js';
import { orderWords, type OrderWord } from './wire/words.policy.js';

const among = (column: string, values: readonly string[]) =>
  `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`;

/** An order at CarePortals, made anew from its reports and events whenever one is added. Amounts are cents. */
@Entity('orders')
@Check('orders_status', among('status', orderWords))
@Check('orders_reduction_type', among('reduction_type', reductionTypes))
@Index('orders_external', ['organizationId', 'externalId'], { unique: true, where: 'external_id IS NOT NULL' })
@Index('orders_number', ['organizationId', 'number'])
@Index('orders_newest', ['organizationId', 'id'])
@Index('orders_contact', ['contactId'])
export class Order {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'orders_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** CarePortals' `_id`. */
  @Column('text', { name: 'external_id', nullable: true })
  readonly externalId!: string | null;

  /** CarePortals' `id`: what the customer reads. */
  @Column('text', { nullable: true })
  readonly number!: string | null;

  @Column('uuid', { name: 'contact_id', nullable: true })
  @ForeignKey(() => CustomerContact, { name: 'orders_contact_id_fkey', onDelete: 'RESTRICT' })
  readonly contactId!: string | null;

  @Column('text')
  readonly status!: OrderWord;

  @Column('timestamptz', { name: 'status_at' })
  readonly statusAt!: Date;

  @Column('text', { nullable: true })
  readonly source!: string | null;

  @Column('text', { nullable: true })
  readonly coupon!: string | null;

  @Column('text', { default: 'USD' })
  readonly currency!: string;

  @Column('integer', { name: 'base_cents', nullable: true })
  readonly baseCents!: number | null;

  @Column('integer', { name: 'discount_cents', nullable: true })
  readonly discountCents!: number | null;

  @Column('integer', { name: 'credit_cents', nullable: true })
  readonly creditCents!: number | null;

  @Column('integer', { name: 'total_cents', nullable: true })
  readonly totalCents!: number | null;

  @Column('text', { name: 'reduction_type', nullable: true })
  readonly reductionType!: ReductionType | null;

  /** What does not add up. */
  @Column('jsonb', { default: [] })
  readonly findings!: OrderFinding[];

  @Column('text', { name: 'tracking_number', nullable: true })
  readonly trackingNumber!: string | null;

  @Column('text', { nullable: true })
  readonly carrier!: string | null;

  @Column('text', { name: 'tracking_url', nullable: true })
  readonly trackingUrl!: string | null;

  @Column('date', { name: 'estimated_delivery', nullable: true })
  readonly estimatedDelivery!: string | null;

  @Column('timestamptz', { name: 'placed_at' })
  readonly placedAt!: Date;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}

/** One body about an order, sealed: the simple one, the full one, an update. The order is what they say together. */
@Entity('order_reports')
@Unique('order_reports_once', ['orderId', 'digest'])
export class OrderReport {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'order_reports_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'order_id' })
  @ForeignKey(() => Order, { name: 'order_reports_order_id_fkey', onDelete: 'RESTRICT' })
  readonly orderId!: string;

  @Column('uuid', { name: 'contact_id', nullable: true })
  @ForeignKey(() => CustomerContact, { name: 'order_reports_contact_id_fkey', onDelete: 'RESTRICT' })
  readonly contactId!: string | null;

  /** Of the content: dotted and nested bodies that say the same are one. */
  @Column('text')
  readonly digest!: string;

  @Column('timestamptz', { name: 'said_at' })
  readonly saidAt!: Date;

  @Column('bytea', { name: 'part_sealed' })
  readonly partSealed!: Buffer;

  @Column('uuid', { name: 'webhook_event_id' })
  readonly webhookEventId!: string;
}

@Entity('order_line_items')
@Unique('order_line_items_position', ['orderId', 'position'])
@Check('order_line_items_reduction_type', among('reduction_type', reductionTypes))
export class OrderLineItem {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'order_line_items_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'order_id' })
  @ForeignKey(() => Order, { name: 'order_line_items_order_id_fkey', onDelete: 'RESTRICT' })
  readonly orderId!: string;

  @Column('integer')
  readonly position!: number;

  @Column('text', { name: 'product_id', nullable: true })
  readonly productId!: string | null;

  @Column('text', { nullable: true })
  readonly sku!: string | null;

  @Column('text', { nullable: true })
  readonly name!: string | null;

  @Column('text', { name: 'drug_name', nullable: true })
  readonly drugName!: string | null;

  @Column('integer')
  readonly quantity!: number;

  @Column('integer', { name: 'list_price_cents', nullable: true })
  readonly listPriceCents!: number | null;

  @Column('integer', { name: 'price_cents', nullable: true })
  readonly priceCents!: number | null;

  @Column('integer', { name: 'discount_cents', nullable: true })
  readonly discountCents!: number | null;

  /** Cents off, or hundredths of a percent off. */
  @Column('integer', { name: 'reduction_hundredths', nullable: true })
  readonly reductionHundredths!: number | null;

  @Column('text', { name: 'reduction_type', nullable: true })
  readonly reductionType!: ReductionType | null;

  /** The coupon or promotion behind the discount. */
  @Column('text', { name: 'discount_reference', nullable: true })
  readonly discountReference!: string | null;

  @Column('boolean', { name: 'is_subscription' })
  readonly isSubscription!: boolean;
}

@Entity('order_addresses')
@Unique('order_addresses_kind', ['orderId', 'kind'])
@Check('order_addresses_kind_known', among('kind', addressKinds))
export class OrderAddress {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'order_addresses_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'order_id' })
  @ForeignKey(() => Order, { name: 'order_addresses_order_id_fkey', onDelete: 'RESTRICT' })
  readonly orderId!: string;

  @Column('text')
  readonly kind!: AddressKind;

  /** Two letters, readable: it decides licences. */
  @Column('text', { nullable: true })
  readonly state!: string | null;

  @Column('bytea', { name: 'address_sealed' })
  readonly addressSealed!: Buffer;
}

/** What happened to an order, each once and at its own time: CarePortals' statuses, our prescription's moves, prescriptions written there. */
@Entity('order_events')
@Unique('order_events_once', ['orderId', 'sourceKey'])
@Check('order_events_kind', `kind IN ('status', 'move', 'prescription')`)
@Check('order_events_word', among('word', orderWords))
export class OrderEvent {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'order_events_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'order_id' })
  @ForeignKey(() => Order, { name: 'order_events_order_id_fkey', onDelete: 'RESTRICT' })
  readonly orderId!: string;

  /** `status`: said by CarePortals. `move`: our prescription's. `prescription`: written at CarePortals. */
  @Column('text')
  readonly kind!: 'status' | 'move' | 'prescription';

  /** Null for a written prescription. */
  @Column('text', { nullable: true })
  readonly word!: OrderWord | null;

  /** Ours, of a move. */
  @Column('uuid', { name: 'prescription_id', nullable: true })
  @ForeignKey(() => Prescription, { name: 'order_events_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string | null;

  @Column('text', { name: 'source_key' })
  readonly sourceKey!: string;

  @Column('uuid', { name: 'webhook_event_id', nullable: true })
  readonly webhookEventId!: string | null;

  @Column('timestamptz', { name: 'occurred_at' })
  readonly occurredAt!: Date;

  @Column('timestamptz', { name: 'recorded_at' })
  readonly recordedAt!: Date;
}
