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

  /** Saying it twice changes nothing. */
  async add(tx: Tx, phone: string, category: OptOutCategory, source: string): Promise<void> {
    await tx.send(
      `INSERT INTO opt_outs (id, phone_index, category, source, at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (phone_index, category) WHERE ended_at IS NULL DO NOTHING`,
      [newId(), this.indexOf(phone), category, source, this.clock.now()],
    );
  }

  /** @returns whether the number was kept from anything */
  async end(tx: Tx, phone: string, category: OptOutCategory): Promise<boolean> {
    const ended = await tx.query(
      'UPDATE opt_outs SET ended_at = $3 WHERE phone_index = $1 AND category = $2 AND ended_at IS NULL RETURNING id',
      [this.indexOf(phone), category, this.clock.now()],
    );
    return ended.length > 0;
  }

  private indexOf(phone: string): string {
    return this.keyring.blindIndex('opt_outs.phone', phone);
  }
}
