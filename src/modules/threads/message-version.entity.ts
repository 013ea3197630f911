import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Organization } from '../directory/index.js';
import { Message } from './message.entity.js';

/** What a message said before it was edited or deleted. Never changed. */
@Entity('chat_message_versions')
@Check('chat_message_versions_change', `change IN ('edited', 'deleted')`)
export class MessageVersion {
  @PrimaryColumn('uuid', { name: 'message_id' })
  @ForeignKey(() => Message, { name: 'chat_message_versions_message_id_fkey', onDelete: 'RESTRICT' })
  readonly messageId!: string;

  @PrimaryColumn('integer')
  readonly version!: number;

  @Column('uuid', { name: 'organization_id' })
  @ForeignKey(() => Organization, { name: 'chat_message_versions_organization_id_fkey', onDelete: 'RESTRICT' })
  readonly organizationId!: string;

  @Column('bytea', { name: 'body_sealed', nullable: true })
  readonly bodySealed!: Buffer | null;

  @Column('text')
  readonly change!: 'edited' | 'deleted';

  @Column('uuid', { name: 'changed_by', nullable: true })
  readonly changedBy!: string | null;

  @Column('timestamptz', { name: 'changed_at' })
  readonly changedAt!: Date;
}
