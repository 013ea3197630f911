import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { User } from './user.entity.js';

/** One sign-in: the family of its refresh tokens, or the cookie of the admin pages. */
@Entity('sessions')
@Check('sessions_kind', `kind IN ('token', 'page')`)
@Index('sessions_cookie', ['cookieHash'], { unique: true, where: 'cookie_hash IS NOT NULL' })
@Index('sessions_user_open', ['userId'], { where: 'revoked_at IS NULL' })
export class Session {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('uuid', { name: 'user_id' })
  @ForeignKey(() => User, { name: 'sessions_user' })
  readonly userId!: string;

  @Column('text')
  readonly kind!: 'token' | 'page';

  /** sha256 of the cookie of a page session. */
  @Column('text', { name: 'cookie_hash', nullable: true })
  readonly cookieHash!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  readonly revokedAt!: Date | null;

  @Column('text', { name: 'revoked_reason', nullable: true })
  readonly revokedReason!: string | null;
}

/** Opaque, stored as sha256, good for one use. A second use means that someone else has it: the whole session ends. */
@Entity('refresh_tokens')
@Index('refresh_tokens_hash', ['tokenHash'], { unique: true })
@Index('refresh_tokens_session_id', ['sessionId'])
export class RefreshToken {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'session_id' })
  @ForeignKey(() => Session, { name: 'refresh_tokens_session' })
  readonly sessionId!: string;

  @Column('text', { name: 'token_hash' })
  readonly tokenHash!: string;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  readonly usedAt!: Date | null;
}
