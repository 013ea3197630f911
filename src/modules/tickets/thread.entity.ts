import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Ticket } from './ticket.entity.js';

/** Sides of a ticket. `ops` is the organization's own staff. */
export const parties = ['doctor', 'pharmacy', 'patient', 'ops'] as const;
export type Party = (typeof parties)[number];

/** What is said on a ticket. One per ticket; those of the older system may still know an order only. */
@Entity('chat_threads')
@Unique('chat_threads_one_per_ticket', ['ticketId'])
@Index('chat_threads_order', { synchronize: false })
@Index('chat_threads_unlinked', { synchronize: false })
export class Thread {
  /** Of the ticket, but for threads of the older system. */
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'chat_threads_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'ticket_id', nullable: true })
  @ForeignKey(() => Ticket, { name: 'chat_threads_ticket_id_fkey', onDelete: 'RESTRICT' })
  readonly ticketId!: string | null;

  /** For older callers: the prescription (or order) it is about. */
  @Column('text', { name: 'order_id', nullable: true })
  readonly orderId!: string | null;

  @Column('text', { name: 'order_type', nullable: true })
  readonly orderType!: string | null;

  @Column('text', { nullable: true })
  readonly title!: string | null;

  /** `prescription_id`, and `target_id`: the pharmacy. */
  @Column('jsonb', { default: {} })
  readonly metadata!: Readonly<Record<string, unknown>>;

  /** Of the latest message; the row's lock numbers them in the order of their commits. */
  @Column('bigint', { name: 'last_seq', default: 0 })
  readonly lastSeq!: number;

  /** Counts every change of a message as well; what a stream calls its position. */
  @Column('bigint', { name: 'last_revision', default: 0 })
  readonly lastRevision!: number;

  @Column('timestamptz', { name: 'last_message_at', nullable: true })
  readonly lastMessageAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  readonly updatedAt!: Date;
}

/** Who takes part in a thread, and who did. */
@Entity('chat_members')
@Check('chat_members_party', `party IN ('doctor', 'pharmacy', 'patient', 'ops')`)
export class ThreadMember {
  @PrimaryColumn('uuid', { name: 'thread_id' })
  @ForeignKey(() => Thread, { name: 'chat_members_thread_id_fkey', onDelete: 'RESTRICT' })
  readonly threadId!: string;

  @PrimaryColumn('text')
  readonly party!: Party;

  /** The doctor, pharmacy or patient of the directory; for `ops` the organization. */
  @PrimaryColumn('uuid', { name: 'party_id' })
  readonly partyId!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'chat_members_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('timestamptz', { name: 'joined_at' })
  readonly joinedAt!: Date;

  @Column('timestamptz', { name: 'left_at', nullable: true })
  readonly leftAt!: Date | null;
}
