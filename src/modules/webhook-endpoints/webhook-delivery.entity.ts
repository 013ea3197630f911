import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** `held`: it happened while the endpoint was disabled, and goes out when its owner asks for it. */
export const deliveryStatuses = ['pending', 'delivered', 'failed', 'held'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** One event for one endpoint, once. The body is kept as it was signed the first time: repeats are the same bytes. */
@Entity('webhook_deliveries')
@Check('webhook_deliveries_status', `status IN ('pending', 'delivered', 'failed', 'held')`)
@Check('webhook_deliveries_end', `(status IN ('pending', 'held')) = (ended_at IS NULL)`)
@Index('webhook_deliveries_once', ['endpointId', 'eventId'], { unique: true })
@Index('webhook_deliveries_newest', ['endpointId', 'id'])
@Index('webhook_deliveries_ended', ['endedAt'])
@Index('webhook_deliveries_held', ['createdAt'], { where: `status = 'held'` })
@Index('webhook_deliveries_waiting', ['endpointId', 'eventId'], {
  where: `status = 'pending' AND next_attempt_at IS NULL`,
})
@Index('webhook_deliveries_due', ['nextAttemptAt'], { where: `status = 'pending'` })
export class WebhookDelivery {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'webhook_deliveries_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'endpoint_id' })
  @ForeignKey(() => WebhookEndpoint, { name: 'webhook_deliveries_endpoint_id_fkey', onDelete: 'RESTRICT' })
  readonly endpointId!: string;

  /** Of the outbox row behind it; the integrator sees it as `webhook-id`. */
  @Column('uuid', { name: 'event_id' })
  readonly eventId!: string;

  @Column('text')
  readonly event!: string;

  /** Ids, states and codes only. */
  @Column('text')
  readonly body!: string;

  @Column('text')
  readonly status!: DeliveryStatus;

  /** A resend begins a new one, with all its tries. */
  @Column('integer', { default: 1 })
  readonly round!: number;

  /** Tries of this round that came to an end. */
  @Column('integer', { default: 0 })
  readonly tries!: number;

  @Column('text', { name: 'failure_code', nullable: true })
  readonly failureCode!: string | null;

  /** Null while pending: it is recovered and waits for its turn. */
  @Column('timestamptz', { name: 'next_attempt_at', nullable: true })
  readonly nextAttemptAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  readonly endedAt!: Date | null;
}
