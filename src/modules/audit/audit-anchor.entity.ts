import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The head of a chain at one seal. The sealer adds rows, nobody changes or deletes one. */
@Entity('audit_anchors')
export class AuditAnchor {
  /** The organization, or `noOrganization`. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_anchors_pkey' })
  readonly chain!: string;

  @PrimaryColumn('bigint', { primaryKeyConstraintName: 'audit_anchors_pkey' })
  readonly seq!: number;

  @Column('bytea')
  readonly hash!: Buffer;

  @Column('timestamptz', { name: 'sealed_at' })
  readonly sealedAt!: Date;
}
