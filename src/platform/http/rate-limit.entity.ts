import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('rate_limits')
export class RateLimitRow {
  /** sha256 of limit and subject. */
  @PrimaryColumn('text')
  readonly key!: string;

  @Column('integer')
  readonly count!: number;

  @Column('timestamptz', { name: 'window_ends_at' })
  readonly windowEndsAt!: Date;
}
