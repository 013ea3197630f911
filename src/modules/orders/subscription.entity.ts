import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from '../directory/index.js';
import { CustomerContact } from './customer.entity.js';

export const subscriptionWords = ['cancelled', 'paused'] as const;
export type SubscriptionWord = (typeof subscriptionWords)[number];

export const resumers = ['ops', 'order'] as const;
export type Resumer = (typeof resumers)[number];

/**
 * A subscription CarePortals said was cancelled or paused. As long as it stands the customer is reminded of nothing; ops or a
 * later order of the customer resumes the reminders. Source, coupon and reason are kept for churn and conversion figures.
 */
@Entity('subscriptions')
@Check('subscriptions_status', `status IN ('cancelled', 'paused')`)
@Check('subscriptions_resumed_by', `resumed_by IN ('ops', 'order')`)
@Unique('subscriptions_external', ['organizationId', 'externalId'])
@Index('subscriptions_newest', ['organizationId', 'id'])
@Index('subscriptions_contact', ['contactId'])
export class Subscription {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'subscriptions_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** CarePortals' id; of the customer's contact when the body names none. */
  @Column('text', { name: 'external_id' })
  readonly externalId!: string;

  @Column('uuid', { name: 'contact_id', nullable: true })
  @ForeignKey(() => CustomerContact, { name: 'subscriptions_contact_id_fkey', onDelete: 'RESTRICT' })
  readonly contactId!: string | null;

  @Column('text')
  readonly status!: SubscriptionWord;

  @Column('timestamptz', { name: 'status_at' })
  readonly statusAt!: Date;

  @Column('text', { nullable: true })
  readonly product!: string | null;

  @Column('text', { nullable: true })
  readonly source!: string | null;

  @Column('text', { nullable: true })
  readonly coupon!: string | null;

  /** The customer's, as CarePortals passes it on. */
  @Column('text', { nullable: true })
  readonly reason!: string | null;

  @Column('integer', { name: 'total_cents', nullable: true })
  readonly totalCents!: number | null;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  readonly startedAt!: Date | null;

  @Column('boolean', { name: 'reminders_suppressed' })
  readonly remindersSuppressed!: boolean;

  /** When a person last resumed it; counts until CarePortals stops it again. */
  @Column('timestamptz', { name: 'ops_resumed_at', nullable: true })
  readonly opsResumedAt!: Date | null;

  @Column('timestamptz', { name: 'resumed_at', nullable: true })
  readonly resumedAt!: Date | null;

  @Column('text', { name: 'resumed_by', nullable: true })
  readonly resumedBy!: Resumer | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}

/** Each time CarePortals stopped a subscription, and how it described it then. */
@Entity('subscription_events')
@Unique('subscription_events_once', ['subscriptionId', 'digest'])
@Check('subscription_events_word', `word IN ('cancelled', 'paused')`)
export class SubscriptionEvent {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'subscription_events_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'subscription_id' })
  @ForeignKey(() => Subscription, { name: 'subscription_events_subscription_id_fkey', onDelete: 'RESTRICT' })
  readonly subscriptionId!: string;

  @Column('uuid', { name: 'contact_id', nullable: true })
  @ForeignKey(() => CustomerContact, { name: 'subscription_events_contact_id_fkey', onDelete: 'RESTRICT' })
  readonly contactId!: string | null;

  @Column('text')
  readonly digest!: string;

  @Column('text')
  readonly word!: SubscriptionWord;

  /** Product, source, coupon, reason, amount, start. */
  @Column('jsonb')
  readonly facts!: SubscriptionFacts;

  @Column('uuid', { name: 'webhook_event_id' })
  readonly webhookEventId!: string;

  @Column('timestamptz', { name: 'occurred_at' })
  readonly occurredAt!: Date;

  @Column('timestamptz', { name: 'recorded_at' })
  readonly recordedAt!: Date;
}

export interface SubscriptionFacts {
  product?: string;
  source?: string;
  coupon?: string;
  reason?: string;
  totalCents?: number;
  startedAt?: string;
}
