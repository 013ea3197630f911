import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Statement } from '../../platform/db/index.js';
import { chainedColumns, chainOfEntry, entryText, firstHash } from './audit-chain.js';
import type { AuditAnchor } from './audit-anchor.entity.js';

export const sealerRole = { dbRole: 'pharmonico_sealer' };

/** Arbitrary and fixed: one sealer at a time on one database. */
const sealerLock = 7_302_605;

const unsealedColumns = chainedColumns.filter((column) => column !== 'seq').join(', ');

/**
 * Numbers what waits, chains it to the head of its chain and writes the new heads. The order is that of sealing: an entry
 * that was committed late gets a later number, and no number is left out.
 */
const sealWaiting: Statement = {
  name: 'audit_seal',
  text: `WITH waiting AS MATERIALIZED (
      SELECT ${unsealedColumns}, ${chainOfEntry} AS chain FROM audit_entries WHERE seq IS NULL
      ORDER BY occurred_at, id LIMIT $1),
    heads AS MATERIALIZED (
      SELECT c.chain, coalesce(a.seq, 0) AS seq, coalesce(a.hash, $2::bytea) AS hash
      FROM (SELECT DISTINCT chain FROM waiting) c LEFT JOIN LATERAL (
        SELECT seq, hash FROM audit_anchors WHERE chain = c.chain ORDER BY seq DESC LIMIT 1) a ON true),
    numbered AS MATERIALIZED (
      SELECT w.*, h.hash AS head, h.seq + row_number() OVER (PARTITION BY w.chain ORDER BY w.occurred_at, w.id) AS seq
      FROM waiting w JOIN heads h USING (chain)),
    linked AS MATERIALIZED (
      SELECT id, chain, seq, audit_chain(head, ${entryText}) OVER (PARTITION BY chain ORDER BY seq) AS hash FROM numbered),
    sealed AS (
      UPDATE audit_entries e SET seq = l.seq, hash = l.hash FROM linked l WHERE e.id = l.id RETURNING e.id),
    anchored AS (
      INSERT INTO audit_anchors (chain, seq, hash, sealed_at)
      SELECT DISTINCT ON (chain) chain, seq, hash, $3::timestamptz FROM linked ORDER BY chain, seq DESC
      RETURNING chain, seq, hash, sealed_at)
    SELECT chain, seq, hash, sealed_at AS "sealedAt", (SELECT count(*)::int FROM sealed) AS sealed FROM anchored`,
};

export interface Seal {
  /** Entries that were sealed. */
  sealed: number;
  /** The new head of each chain that grew. */
  heads: AuditAnchor[];
}

@Injectable()
export class SealerStore {
  constructor(private readonly db: Database) {}

  /** @returns undefined when another process is sealing */
  seal(mostEntries: number, now: Date): Promise<Seal | undefined> {
    return this.db.tx(
      systemContext,
      async (tx) => {
        // A statement of its own: the next one then sees what the sealer before has committed.
        const lock = await tx.one<{ ours: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS ours', [sealerLock]);
        if (lock?.ours !== true) return undefined;
        const rows = await tx.run<AuditAnchor & { sealed: number }>(sealWaiting, [mostEntries, firstHash, now]);
        return { sealed: rows[0]?.sealed ?? 0, heads: rows };
      },
      sealerRole,
    );
  }

  /** The newest anchor of every chain, one index look-up each. */
  heads(): Promise<AuditAnchor[]> {
    return this.db.query<AuditAnchor>(
      systemContext,
      `WITH RECURSIVE heads AS (
         (SELECT * FROM audit_anchors ORDER BY chain DESC, seq DESC LIMIT 1)
         UNION ALL
         SELECT next.* FROM heads CROSS JOIN LATERAL (
           SELECT * FROM audit_anchors a WHERE a.chain < heads.chain ORDER BY a.chain DESC, a.seq DESC LIMIT 1) next)
       SELECT chain, seq, hash, sealed_at AS "sealedAt" FROM heads`,
      [],
      sealerRole,
    );
  }
}
