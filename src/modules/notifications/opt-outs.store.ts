import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { OptOutCategory } from './notification.words.js';

/** Numbers that must not be written to. The platform sends from one number, so what a person says holds for all senders. */
@Injectable()
export class OptOutsStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  async of(tx: Tx, phone: string | undefined): Promise<{ optedOut: boolean; unreachable: boolean }> {
    if (phone === undefined) return { optedOut: false, unreachable: false };
    const rows = await tx.query<{ category: OptOutCategory }>(
      'SELECT category FROM opt_outs WHERE phone_index = $1 AND ended_at IS NULL',
      [this.indexOf(phone)],
    );
    const categories = new Set(rows.map(({ category }) => category));
    return { optedOut: categories.has('all'), unreachable: categories.has('unreachable') };
  }

  /**
   * Keeps a number from being written to. Words come late, twice and out of order, so the time they were said at decides:
   * one that was taken back later changes nothing, and of one instant the refusal stands.
   */
  async add(tx: Tx, phone: string, category: OptOutCategory, source: string, at = this.clock.now()): Promise<void> {
    const phoneIndex = await this.lock(tx, phone);
    await tx.send(
      `INSERT INTO opt_outs (id, phone_index, category, source, at)
       SELECT $1, $2, $3, $4, $5::timestamptz
       WHERE NOT EXISTS (SELECT 1 FROM opt_outs WHERE phone_index = $2 AND category = $3 AND ended_at > $5)
       ON CONFLICT (phone_index, category) WHERE ended_at IS NULL
         DO UPDATE SET at = excluded.at, source = excluded.source WHERE opt_outs.at < excluded.at`,
      [newId(), phoneIndex, category, source, at],
    );
  }

  /**
   * Takes back what was said before. When nothing was, that is kept all the same: an earlier word may still come.
   * @returns whether the number was kept from anything
   */
  async end(tx: Tx, phone: string, category: OptOutCategory, source: string, at: Date): Promise<boolean> {
    const phoneIndex = await this.lock(tx, phone);
    await tx.send(
      `UPDATE opt_outs SET ended_at = $3 WHERE phone_index = $1 AND category = $2 AND ended_at IS NULL AND at < $3`,
      [phoneIndex, category, at],
    );
    const ended = await tx.query<{ wasBlocked: boolean }>(
      'SELECT at < ended_at AS "wasBlocked" FROM opt_outs WHERE phone_index = $1 AND category = $2 AND ended_at = $3',
      [phoneIndex, category, at],
    );
    if (ended.length === 0) {
      await tx.send(
        'INSERT INTO opt_outs (id, phone_index, category, source, at, ended_at) VALUES ($1, $2, $3, $4, $5, $5)',
        [newId(), phoneIndex, category, source, at],
      );
    }
    return ended.some(({ wasBlocked }) => wasBlocked);
  }

  /** Something got through to that number or from it: that nothing can holds no more. */
  async reached(tx: Tx, phone: string, at: Date): Promise<void> {
    await tx.send(
      `UPDATE opt_outs SET ended_at = $2 WHERE phone_index = $1 AND category = 'unreachable' AND ended_at IS NULL AND at < $2`,
      [this.indexOf(phone), at],
    );
  }

  /** What is said of one number is taken in one after the other. */
  private async lock(tx: Tx, phone: string): Promise<string> {
    const phoneIndex = this.indexOf(phone);
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`opt-outs ${phoneIndex}`]);
    return phoneIndex;
  }

  private indexOf(phone: string): string {
    return this.keyring.blindIndex('opt_outs.phone', phone);
  }
}
