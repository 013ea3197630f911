import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { Keyring, sha256 } from '../crypto/index.js';
import { Database, systemContext } from '../db/index.js';
import { newId } from '../ids/index.js';
import type { CallerId } from './request-context.js';

/** Longer than any request may take; a crashed first request frees its key after that. */
const leaseMs = 60_000;
const keptMs = 48 * 3_600_000;

export interface StoredAnswer {
  status: number;
  body: unknown;
}

export type Claim =
  | { kind: 'first'; leaseId: string }
  | { kind: 'answered'; answer: StoredAnswer }
  | { kind: 'in-progress'; retryAfterSeconds: number }
  | { kind: 'other-body' };

interface KeyRow {
  bodyHash: string;
  status: number | null;
  body: Buffer | null;
  leasedUntil: Date;
}

/** Takes the key, or a key whose lease or time ran out. */
const takeSql = `
  INSERT INTO idempotency_keys (id, caller_kind, caller_id, body_hash, lease_id, leased_until, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (id) DO UPDATE SET body_hash = EXCLUDED.body_hash, status = NULL, body = NULL, lease_id = EXCLUDED.lease_id,
    leased_until = EXCLUDED.leased_until, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at
  WHERE idempotency_keys.expires_at <= $7
    OR (idempotency_keys.status IS NULL AND idempotency_keys.leased_until <= $7
        AND idempotency_keys.body_hash IN (EXCLUDED.body_hash, $9))
  RETURNING id`;

/** A statement of its own: it sees what another request committed while ours waited for the row. */
const lookSql = `SELECT body_hash AS "bodyHash", status, body, leased_until AS "leasedUntil" FROM idempotency_keys WHERE id = $1`;

@Injectable()
export class IdempotencyStore {
  constructor(
    private readonly db: Database,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async claim(id: string, caller: CallerId, body: Buffer | string): Promise<Claim> {
    const now = this.clock.now();
    const bodyHash = this.fingerprint(body);
    // Of keys from before, which are kept for two days.
    const plain = sha256(body);
    const leaseId = newId();
    const values = [id, caller.kind, caller.id, bodyHash, leaseId, later(now, leaseMs), now, later(now, keptMs), plain];
    const row = await this.db.tx(systemContext, async (tx) => {
      const taken = await tx.query(takeSql, values);
      return taken.length > 0 ? ('taken' as const) : await tx.one<KeyRow>(lookSql, [id]);
    });
    if (row === 'taken') return { kind: 'first', leaseId };
    if (row === undefined) return { kind: 'in-progress', retryAfterSeconds: 1 };
    if (![bodyHash, plain].includes(row.bodyHash)) return { kind: 'other-body' };
    if (row.status === null || row.body === null) {
      return {
        kind: 'in-progress',
        retryAfterSeconds: Math.max(1, (row.leasedUntil.getTime() - now.getTime()) / 1000),
      };
    }
    const text = this.keyring.openText(placeOf(id), row.body);
    return { kind: 'answered', answer: { status: row.status, body: text === '' ? undefined : JSON.parse(text) } };
  }

  async keep(id: string, leaseId: string, answer: StoredAnswer): Promise<void> {
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    await this.db.query(
      systemContext,
      'UPDATE idempotency_keys SET status = $3, body = $4 WHERE id = $1 AND lease_id = $2 AND status IS NULL',
      [id, leaseId, answer.status, this.keyring.seal(placeOf(id), text)],
    );
  }

  /** The request failed without an answer worth keeping: the key is free for a corrected or repeated one. */
  async release(id: string, leaseId: string): Promise<void> {
    await this.db.query(
      systemContext,
      'DELETE FROM idempotency_keys WHERE id = $1 AND lease_id = $2 AND status IS NULL',
      [id, leaseId],
    );
  }

  /** Part of the daily clean-up. */
  async removeExpired(): Promise<void> {
    await this.db.query(systemContext, 'DELETE FROM idempotency_keys WHERE expires_at <= $1', [this.clock.now()]);
  }

  /** Keyed: a body may hold a password, and a plain digest of it could be tried out at leisure. */
  private fingerprint(body: Buffer | string): string {
    return this.keyring.blindIndex('idempotency_keys.body', sha256(body));
  }
}

function later(from: Date, milliseconds: number): Date {
  return new Date(from.getTime() + milliseconds);
}

function placeOf(id: string) {
  return { table: 'idempotency_keys', column: 'body', row: id };
}
