import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The first answer to a request that must not happen twice. The answer may hold patient data, so it is sealed. */
@Entity('idempotency_keys')
@Check('idempotency_keys_caller_kind', `caller_kind IN ('user', 'api-key')`)
@Check('idempotency_keys_answer', '(status IS NULL) = (body IS NULL)')
@Index('idempotency_keys_expires_at', ['expiresAt'])
export class IdempotencyKey {
  /** sha256 of caller, method, route with parameters, and key: one lookup, and nothing to read in it. */
  @PrimaryColumn('text')
  readonly id!: string;

  @Column('text', { name: 'caller_kind' })
  readonly callerKind!: string;

  @Column('uuid', { name: 'caller_id' })
  readonly callerId!: string;

  /** A keyed digest. */
  @Column('text', { name: 'body_hash' })
  readonly bodyHash!: string;

  @Column('integer', { nullable: true })
  readonly status!: number | null;

  @Column('bytea', { nullable: true })
  readonly body!: Buffer | null;

  /** Of the request that is running; another one may take over after `leased_until`. */
  @Column('uuid', { name: 'lease_id' })
  readonly leaseId!: string;

  @Column('timestamptz', { name: 'leased_until' })
  readonly leasedUntil!: Date;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;
}
