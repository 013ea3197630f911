import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const webhookStatuses = ['received', 'processed', 'parked', 'failed', 'ignored'] as const;
export type WebhookStatus = (typeof webhookStatuses)[number];

/** One event a vendor told us, once, however often it was sent. */
@Entity('webhook_events')
@Check('webhook_events_status', `status IN ('received', 'processed', 'parked', 'failed', 'ignored')`)
@Index('webhook_events_once', ['source', 'dedupeKey'], { unique: true })
@Index('webhook_events_newest', { synchronize: false })
@Index('webhook_events_parked', { synchronize: false })
@Index('webhook_events_of_source', { synchronize: false })
@Index('webhook_events_related', { synchronize: false })
@Index('webhook_events_replayed', { synchronize: false })
export class WebhookEvent {
  @PrimaryColumn('uuid')
  readonly id!: string;

  /** Null until the event was matched with something of ours; of what was imported the importer's. */
  @Column('uuid', { name: 'organization_id', nullable: true })
  readonly organizationId!: string | null;

  @Column('text')
  readonly source!: string;

  /** The vendor's name for it, behind the organization while it was imported only. */
  @Column('text', { name: 'dedupe_key' })
  readonly dedupeKey!: string;

  @Column('text', { name: 'event_type' })
  readonly eventType!: string;

  @Column('text')
  readonly status!: WebhookStatus;

  @Column('bytea', { name: 'raw_sealed' })
  readonly rawSealed!: Buffer;

  @Column('bytea', { name: 'headers_sealed' })
  readonly headersSealed!: Buffer;

  @Column('text', { name: 'content_type', nullable: true })
  readonly contentType!: string | null;

  @Column('timestamptz', { name: 'received_at' })
  readonly receivedAt!: Date;

  @Column('timestamptz', { name: 'processed_at', nullable: true })
  readonly processedAt!: Date | null;

  @Column('integer', { default: 0 })
  readonly attempts!: number;

  @Column('text', { name: 'error_code', nullable: true })
  readonly errorCode!: string | null;

  /** Ids of ours and of the vendor, and codes of what did not fit: never patient data. */
  @Column('jsonb', { default: {} })
  readonly related!: Record<string, unknown>;

  /** How long the last try took. */
  @Column('integer', { name: 'duration_ms', nullable: true })
  readonly durationMs!: number | null;

  /** When it was last handled again after it was parked. */
  @Column('timestamptz', { name: 'looked_again_at', nullable: true })
  readonly lookedAgainAt!: Date | null;

  /** The ticket that was opened because nobody knew what it speaks of. */
  @Column('uuid', { name: 'ticket_id', nullable: true })
  readonly ticketId!: string | null;

  /** The last replay of a range it was part of. */
  @Column('uuid', { name: 'replay_id', nullable: true })
  readonly replayId!: string | null;
}
