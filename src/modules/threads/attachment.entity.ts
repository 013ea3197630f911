import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from '../auth/index.js';
import { Organization } from '../directory/index.js';
import { Thread } from '../tickets/index.js';
import { Message } from './message.entity.js';

/** A picture that belongs to a message, or is waiting to. */
@Entity('chat_attachments')
@Index('chat_attachments_message', ['messageId'])
@Index('chat_attachments_file_key', ['fileKey'])
@Index('chat_attachments_thread', ['threadId'])
@Index('chat_attachments_unused', ['createdAt'], { where: 'message_id IS NULL' })
export class Attachment {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'thread_id' })
  @ForeignKey(() => Thread, { name: 'chat_attachments_thread_id_fkey', onDelete: 'RESTRICT' })
  readonly threadId!: string;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'chat_attachments_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'message_id', nullable: true })
  @ForeignKey(() => Message, { name: 'chat_attachments_message_id_fkey', onDelete: 'RESTRICT' })
  readonly messageId!: string | null;

  @Column('uuid', { name: 'uploaded_by', nullable: true })
  @ForeignKey(() => User, { name: 'chat_attachments_uploaded_by_fkey', onDelete: 'SET NULL' })
  readonly uploadedBy!: string | null;

  @Column('text', { name: 'file_key' })
  readonly fileKey!: string;

  @Column('text', { name: 'media_type' })
  readonly mediaType!: string;

  @Column('bigint', { name: 'size_bytes' })
  readonly sizeBytes!: number;

  /** A file's name may name a person. */
  @Column('bytea', { name: 'name_sealed' })
  readonly nameSealed!: Buffer;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
