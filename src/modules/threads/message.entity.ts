import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { User } from '../auth/index.js';
import { Organization } from '../directory/index.js';
import { Thread, type Party } from '../tickets/index.js';

/** `providers`: doctor, pharmacy and the organization; `all`: the patient too; `internal`: the author's own house. */
export const audiences = ['providers', 'all', 'internal'] as const;
export type Audience = (typeof audiences)[number];

@Entity('chat_messages')
@Check('chat_messages_audience', `audience IN ('providers', 'all', 'internal')`)
@Check('chat_messages_kind', `kind IN ('text', 'system')`)
@Check('chat_messages_author', `author_party IN ('doctor', 'pharmacy', 'patient', 'ops', 'system')`)
@Check('chat_messages_awaits', `awaits IN ('doctor', 'pharmacy', 'patient', 'ops')`)
@Unique('chat_messages_order', ['threadId', 'seq'])
@Index('chat_messages_changes', ['threadId', 'revision'])
@Index('chat_messages_sent_once', { synchronize: false })
@Index('chat_messages_open_questions', { synchronize: false })
@Index('chat_messages_open_about', { synchronize: false })
export class Message {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'thread_id' })
  @ForeignKey(() => Thread, { name: 'chat_messages_thread_id_fkey', onDelete: 'RESTRICT' })
  readonly threadId!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'chat_messages_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  /** In the order of commits, without gaps per thread. */
  @Column('bigint')
  readonly seq!: number;

  /** Of its latest change, counted per thread in the order of commits: a stream goes on behind it. */
  @Column('bigint', { default: 0 })
  readonly revision!: number;

  @Column('text')
  readonly audience!: Audience;

  /** `system`: a note of the platform; it has a code instead of a text. */
  @Column('text')
  readonly kind!: 'text' | 'system';

  @Column('text', { name: 'author_party' })
  readonly authorParty!: Party | 'system';

  @Column('uuid', { name: 'author_party_id', nullable: true })
  readonly authorPartyId!: string | null;

  @Column('uuid', { name: 'author_user_id', nullable: true })
  @ForeignKey(() => User, { name: 'chat_messages_author_user_id_fkey', onDelete: 'SET NULL' })
  readonly authorUserId!: string | null;

  @Column('bytea', { name: 'body_sealed', nullable: true })
  readonly bodySealed!: Buffer | null;

  @Column('text', { nullable: true })
  readonly code!: string | null;

  /** The status a message is about. */
  @Column('text', { name: 'status_ref', nullable: true })
  readonly statusRef!: string | null;

  /** The sender's own id: the same twice is one message. */
  @Column('text', { name: 'client_message_id', nullable: true })
  readonly clientMessageId!: string | null;

  @Column('text', { name: 'request_hash', nullable: true })
  readonly requestHash!: string | null;

  /** A question without whose answer the work stops. */
  @Column('boolean', { default: false })
  readonly blocks!: boolean;

  /** Who must answer it. */
  @Column('text', { nullable: true })
  readonly awaits!: Party | null;

  /** What a question of the platform is about: wherever that goes on, the question is closed. */
  @Column('uuid', { name: 'prescription_id', nullable: true })
  readonly prescriptionId!: string | null;

  @Column('uuid', { nullable: true })
  @ForeignKey(() => Message, { name: 'chat_messages_answers_fkey', onDelete: 'RESTRICT' })
  readonly answers!: string | null;

  @Column('timestamptz', { name: 'answered_at', nullable: true })
  readonly answeredAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'edited_at', nullable: true })
  readonly editedAt!: Date | null;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  readonly deletedAt!: Date | null;
}
