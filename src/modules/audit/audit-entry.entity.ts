import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const auditActions = ['read', 'search', 'write', 'denied', 'login', 'logout', 'export'] as const;
export type AuditAction = (typeof auditActions)[number];

export const actorKinds = ['user', 'api-key', 'system', 'webhook', 'anonymous'] as const;
export type ActorKind = (typeof actorKinds)[number];

export type AuditOutcome = 'success' | 'denied' | 'failure';

/** One act of one actor. Never changed and never deleted by the application: the role has no right to. */
@Entity('audit_entries')
@Check('audit_entries_actor_kind', `actor_kind IN ('user', 'api-key', 'system', 'webhook', 'anonymous')`)
@Check('audit_entries_outcome', `outcome IN ('success', 'denied', 'failure')`)
@Check('audit_entries_sealed', `(seq IS NULL) = (hash IS NULL)`)
@Index('audit_entries_by_time', { synchronize: false })
@Index('audit_entries_by_entity', { synchronize: false })
@Index('audit_entries_by_actor', { synchronize: false })
@Index('audit_entries_unsealed', { synchronize: false })
@Index('audit_entries_chain', { synchronize: false })
export class AuditEntry {
  @PrimaryColumn('uuid')
  readonly id!: string;

  /** Null where no organization is known: a sign-in with an unknown address. */
  @Column('uuid', { name: 'organization_id', nullable: true })
  readonly organizationId!: string | null;

  @Column('text', { name: 'actor_kind' })
  readonly actorKind!: ActorKind;

  @Column('uuid', { name: 'actor_id', nullable: true })
  readonly actorId!: string | null;

  @Column('text', { name: 'actor_role', nullable: true })
  readonly actorRole!: string | null;

  @Column('text')
  readonly action!: AuditAction;

  @Column('text')
  readonly entity!: string;

  @Column('uuid', { name: 'entity_ids', array: true })
  readonly entityIds!: string[];

  @Column('text')
  readonly outcome!: AuditOutcome;

  /** A code: `auth.forbidden`, `claims.retry`. Never a sentence with values. */
  @Column('text', { nullable: true })
  readonly reason!: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  readonly requestId!: string | null;

  /**
   * Plain: an investigation has to name the source and compare networks, a digest of 2^32 addresses hides nothing, and only
   * admins and auditors of the organization see the row.
   */
  @Column('inet', { nullable: true })
  readonly ip!: string | null;

  @Column('timestamptz', { name: 'occurred_at' })
  readonly occurredAt!: Date;

  /** Position in the organization's sealed chain; null until the sealer has passed. */
  @Column('bigint', { nullable: true })
  readonly seq!: number | null;

  /** SHA-256 over the entry and the hash before it, see audit-chain.ts. */
  @Column('bytea', { nullable: true })
  readonly hash!: Buffer | null;
}
