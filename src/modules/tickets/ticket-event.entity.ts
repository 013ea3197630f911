import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Ticket } from './ticket.entity.js';

/** One change of a ticket. Added in the transaction of the change, never edited. */
@Entity('ticket_events')
@Index('ticket_events_ticket', ['ticketId', 'occurredAt', 'id'])
export class TicketEvent {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'ticket_id' })
  @ForeignKey(() => Ticket, { name: 'ticket_events_ticket_id_fkey', onDelete: 'RESTRICT' })
  readonly ticketId!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'ticket_events_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** `ticket.sent`, `ticket.pharmacy-changed`, … */
  @Column('text')
  readonly code!: string;

  @Column('text', { name: 'actor_kind' })
  readonly actorKind!: string;

  @Column('text', { name: 'actor_id', nullable: true })
  readonly actorId!: string | null;

  @Column('text')
  readonly trigger!: string;

  @Column('text', { nullable: true })
  readonly reason!: string | null;

  /** Ids and codes. */
  @Column('jsonb', { default: {} })
  readonly details!: Readonly<Record<string, unknown>>;

  @Column('timestamptz', { name: 'occurred_at' })
  readonly occurredAt!: Date;

  @Column('timestamptz', { name: 'recorded_at' })
  readonly recordedAt!: Date;
}
