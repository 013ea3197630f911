import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';

/** `interrupted`: the process died between call and answer; the same message went out again. */
export const attemptOutcomes = ['under-way', 'delivered', 'failed', 'interrupted'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** One call. Of the answer only the status is kept: its body is the integrator's. */
@Entity('webhook_delivery_attempts')
@Check('webhook_delivery_attempts_outcome', `outcome IN ('under-way', 'delivered', 'failed', 'interrupted')`)
@Index('webhook_delivery_attempts_delivery', ['deliveryId', 'id'])
export class WebhookDeliveryAttempt {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'webhook_delivery_attempts_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'delivery_id' })
  @ForeignKey(() => WebhookDelivery, { name: 'webhook_delivery_attempts_delivery_id_fkey', onDelete: 'CASCADE' })
  readonly deliveryId!: string;

  @Column('integer')
  readonly round!: number;

  @Column('timestamptz', { name: 'started_at' })
  readonly startedAt!: Date;

  @Column('text')
  readonly outcome!: AttemptOutcome;

  @Column('integer', { name: 'status_code', nullable: true })
  readonly statusCode!: number | null;

  @Column('text', { name: 'failure_code', nullable: true })
  readonly failureCode!: string | null;

  @Column('integer', { name: 'duration_ms', nullable: true })
  readonly durationMs!: number | null;
}
