import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

export type DefaultPath = 'full' | 'cash' | 'direct';

/** A customer of the platform, under whose brand patients are served. */
@Entity('organizations')
@Check('organizations_path', `default_path IN ('full', 'cash', 'direct')`)
export class Organization {
  @PrimaryColumn('uuid')
  readonly id!: string;

  @Column('text')
  readonly name!: string;

  /** The name patients read. */
  @Column('text')
  readonly brand!: string;

  @Column('text', { name: 'default_path', default: 'full' })
  readonly defaultPath!: DefaultPath;

  /** A validated prescription starts its enrollment by itself. */
  @Column('boolean', { name: 'auto_enrollment', default: true })
  readonly autoEnrollment!: boolean;

  /** Display text; `1-800-SUPPORT` is valid. Null: the platform's own. */
  @Column('text', { name: 'support_phone', nullable: true })
  readonly supportPhone!: string | null;

  /** IANA zone in which business dates ("today") are meant. */
  @Column('text', { name: 'time_zone', default: 'America/New_York' })
  readonly timeZone!: string;

  /** To of the SCRIPT messages that are for this organization (NCPDP ids, mailboxes). Empty: every To is taken. */
  @Column('text', { name: 'script_mailboxes', array: true, default: [] })
  readonly scriptMailboxes!: string[];

  @Column('timestamptz', { name: 'created_at' })
  readonly createdAt!: Date;
}
