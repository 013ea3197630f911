import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Patient } from '../directory/index.js';
import { Prescription } from '../prescriptions/index.js';

/** The one tracking address of a prescription, for the patient it was made for. The token is found by its digest, and sealed so that it can be sent again. */
@Entity('tracking_links')
@Index('tracking_links_token', ['tokenHash'], { unique: true })
@Index('tracking_links_prescription', ['prescriptionId'], { unique: true })
export class TrackingLink {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('uuid', { name: 'prescription_id' })
  @ForeignKey(() => Prescription, { name: 'tracking_links_prescription_id_fkey', onDelete: 'RESTRICT' })
  readonly prescriptionId!: string;

  @Column('uuid', { name: 'patient_id', nullable: true })
  @ForeignKey(() => Patient, { name: 'tracking_links_patient_id_fkey', onDelete: 'RESTRICT' })
  readonly patientId!: string | null;

  @Column('uuid', { name: 'organization_id' })
  readonly organizationId!: string;

  @Column('text', { name: 'token_hash' })
  readonly tokenHash!: string;

  @Column('bytea', { name: 'token_sealed' })
  readonly tokenSealed!: Buffer;

  @Column('timestamptz', { name: 'expires_at' })
  readonly expiresAt!: Date;

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
