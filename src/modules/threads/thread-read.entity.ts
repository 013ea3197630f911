import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { User } from '../auth/index.js';
import { Organization } from '../directory/index.js';
import { Thread, type Party } from '../tickets/index.js';

/** How far a person has read. */
@Entity('chat_reads')
@Check('chat_reads_party', `party IN ('doctor', 'pharmacy', 'patient', 'ops')`)
export class ThreadRead {
  @PrimaryColumn('uuid', { name: 'thread_id' })
  @ForeignKey(() => Thread, { name: 'chat_reads_thread_id_fkey', onDelete: 'RESTRICT' })
  readonly threadId!: string;

  @PrimaryColumn('uuid', { name: 'user_id' })
  @ForeignKey(() => User, { name: 'chat_reads_user_id_fkey', onDelete: 'CASCADE' })
  readonly userId!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'chat_reads_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('text')
  readonly party!: Party;

  @Column('bigint', { name: 'last_read_seq' })
  readonly lastReadSeq!: number;

  @Column('timestamptz', { name: 'read_at' })
  readonly readAt!: Date;
}
