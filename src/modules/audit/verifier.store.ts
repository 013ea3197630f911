import { Injectable } from '@nestjs/common';
import { Database, systemContext, type SqlValue } from '../../platform/db/index.js';
import type { AuditAnchor } from './audit-anchor.entity.js';
import { chainOfEntry, entryFields, noOrganization } from './audit-chain.js';
import { sealerRole } from './sealer.store.js';

/** The last numbers of a chain, seen at one moment; 0 where there is none. */
export interface ChainEnds {
  entries: number;
  anchors: number;
}

export interface ChainedEntry {
  seq: number;
  id: string;
  hash: Buffer | null;
  /** What the hash is made of besides the one before. */
  fields: (string | null)[];
  /** The hash that was anchored at this number, if a seal ended here. */
  anchored: Buffer | null;
}

export interface Unsealed {
  entries: number;
  oldest: Date | null;
}

/** Reads the chains in the role of the sealer: the application's own sees only what its context shows. */
@Injectable()
export class VerifierStore {
  constructor(private readonly db: Database) {}

  /** In the order of their ids, also those of which only anchors are left. @returns undefined after the last */
  async nextChain(after: string | undefined): Promise<string | undefined> {
    const rows = await this.query<{ chain: string }>(
      `(SELECT ${chainOfEntry} AS chain FROM audit_entries
        WHERE seq IS NOT NULL AND ($1::uuid IS NULL OR ${chainOfEntry} > $1) ORDER BY ${chainOfEntry} LIMIT 1)
       UNION ALL
       (SELECT chain FROM audit_anchors WHERE $1::uuid IS NULL OR chain > $1 ORDER BY chain LIMIT 1)
       ORDER BY chain LIMIT 1`,
      [after ?? null],
    );
    return rows[0]?.chain;
  }

  async ends(chain: string): Promise<ChainEnds> {
    const rows = await this.query<ChainEnds>(
      `SELECT coalesce((SELECT seq FROM audit_entries WHERE seq IS NOT NULL AND ${chainOfEntry} = $1
         ORDER BY ${chainOfEntry} DESC, seq DESC LIMIT 1), 0) AS entries,
         coalesce((SELECT max(seq) FROM audit_anchors WHERE chain = $1), 0) AS anchors`,
      [chain],
    );
    return rows[0] ?? { entries: 0, anchors: 0 };
  }

  /** The last seal at or before a number. @returns undefined when that is the beginning */
  async anchorBefore(chain: string, seq: number): Promise<{ seq: number; hash: Buffer } | undefined> {
    const rows = await this.query<{ seq: number; hash: Buffer }>(
      'SELECT seq, hash FROM audit_anchors WHERE chain = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1',
      [chain, seq],
    );
    return rows[0];
  }

  /** Ordered by the index, named in full: under row-level security PostgreSQL does not see that the chain is one and the same. */
  entries(chain: string, after: number, upTo: number, limit: number): Promise<ChainedEntry[]> {
    return this.query<ChainedEntry>(
      `SELECT e.seq, e.id, e.hash, e.fields, a.hash AS anchored FROM (
         SELECT seq, id, hash, ${entryFields} AS fields FROM audit_entries
         WHERE seq IS NOT NULL AND ${chainOfEntry} = $1 AND seq > $2 AND seq <= $3 ORDER BY ${chainOfEntry}, seq LIMIT $4) e
       LEFT JOIN audit_anchors a ON a.chain = $1 AND a.seq = e.seq ORDER BY e.seq`,
      [chain, after, upTo, limit],
    );
  }

  /** What stands in the trail where these anchors were set: nulls where there is no entry. In their order. */
  standing(
    anchors: readonly Pick<AuditAnchor, 'chain' | 'seq'>[],
  ): Promise<{ id: string | null; hash: Buffer | null }[]> {
    return this.query(
      `SELECT e.id, e.hash FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS noted(chain, seq, at)
       LEFT JOIN audit_entries e ON e.seq IS NOT NULL
         AND coalesce(e.organization_id, '${noOrganization}'::uuid) = noted.chain AND e.seq = noted.seq
       ORDER BY noted.at`,
      [anchors.map(({ chain }) => chain), anchors.map(({ seq }) => seq)],
    );
  }

  async unsealed(before: Date): Promise<Unsealed> {
    const rows = await this.query<Unsealed>(
      `SELECT count(*)::int AS entries, min(occurred_at) AS oldest FROM audit_entries WHERE seq IS NULL AND occurred_at < $1`,
      [before],
    );
    return rows[0] ?? { entries: 0, oldest: null };
  }

  private query<R extends object>(text: string, values: readonly SqlValue[]): Promise<R[]> {
    return this.db.query<R>(systemContext, text, values, { ...sealerRole, readOnly: true });
  }
}
