import { Column, Entity, PrimaryColumn } from 'typeorm';

/** In the order and by the names of `rate-limiter-flexible`, which inserts by position. */
@Entity('rate_limits')
export class RateLimitRow {
  /** sha256 of limit and subject. */
  @PrimaryColumn('text')
  readonly key!: string;

  @Column('integer')
  readonly points!: number;

  /** Milliseconds since 1970, when the window ends. */
  @Column('bigint')
  readonly expire!: string;
}
