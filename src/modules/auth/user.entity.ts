import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Role } from './permissions.js';

/** Someone who signs in. Integrators do not: they hold API keys. */
export const userRoles = [
  'patient',
  'doctor',
  'pharmacy',
  'ops',
  'admin',
  'auditor',
] as const satisfies readonly Role[];
export type UserRole = (typeof userRoles)[number];

@Entity('users')
@Check('users_email_lower', 'email = lower(email)')
@Check('users_role', `role IN ('patient', 'doctor', 'pharmacy', 'ops', 'admin', 'auditor')`)
@Index('users_email', ['email'], { unique: true })
@Index('users_organization', ['organizationId', 'id'])
@Index('users_of_pharmacy', ['pharmacyId'], { where: 'pharmacy_id IS NOT NULL' })
@Index('users_operations', ['organizationId'], { where: `role = 'ops'` })
export class User {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  /** Lower case; unique over all organizations, because it is what people sign in with. */
  @Column('text')
  readonly email!: string;

  /** argon2id. */
  @Column('text', { name: 'password_hash' })
  readonly passwordHash!: string;

  @Column('text')
  readonly role!: UserRole;

  @Column('uuid', { name: 'provider_id', nullable: true })
  readonly providerId!: string | null;

  @Column('uuid', { name: 'pharmacy_id', nullable: true })
  readonly pharmacyId!: string | null;

  @Column('uuid', { name: 'patient_id', nullable: true })
  readonly patientId!: string | null;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  readonly disabledAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  readonly updatedAt!: Date;
}
