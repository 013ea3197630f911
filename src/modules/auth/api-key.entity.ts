import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Permission } from './permissions.js';

/** The key of a program. The key itself is shown once and stored as sha256: 256 random bits need no slow hash. */
@Entity('api_keys')
@Index('api_keys_hash', ['keyHash'], { unique: true })
@Index('api_keys_organization', ['organizationId', 'id'])
export class ApiKey {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('text')
  readonly name!: string;

  /** The first characters, to tell keys apart in a list. */
  @Column('text')
  readonly prefix!: string;

  @Column('text', { name: 'key_hash' })
  readonly keyHash!: string;

  @Column('text', { array: true })
  readonly scopes!: Permission[];

  @Column('uuid', { name: 'created_by' })
  readonly createdBy!: string;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  readonly expiresAt!: Date | null;

  /** To the minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  readonly lastUsedAt!: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  readonly revokedAt!: Date | null;
}
