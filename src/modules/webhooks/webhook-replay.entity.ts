import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { WebhookStatus } from './webhook-event.entity.js';

/** Somebody handed a range of events to their handlers again. Which events those were is written on the events. */
@Entity('webhook_replays')
export class WebhookReplay {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  /** Whether events that belong to nobody yet were meant too. */
  @Column('boolean')
  readonly unmatched!: boolean;

  @Column('text')
  readonly source!: string;

  @Column('text', { nullable: true })
  readonly status!: WebhookStatus | null;

  @Column('text', { name: 'event_type', nullable: true })
  readonly eventType!: string | null;

  @Column('timestamptz', { name: 'received_from', nullable: true })
  readonly receivedFrom!: Date | null;

  /** What arrived after the request is not part of it. */
  @Column('timestamptz', { name: 'received_to' })
  readonly receivedTo!: Date;

  /** How many it was when it was asked for. */
  @Column('integer')
  readonly matching!: number;

  @Column('integer', { name: 'handed_out', default: 0 })
  readonly handedOut!: number;

  @Column('uuid', { name: 'requested_by' })
  readonly requestedBy!: string;

  @Column('timestamptz', { name: 'requested_at' })
  readonly requestedAt!: Date;

  /** When the last event was handed out; handling them takes longer. */
  @Column('timestamptz', { name: 'handed_out_at', nullable: true })
  readonly handedOutAt!: Date | null;
}
