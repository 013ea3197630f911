import type { Tx } from '../../platform/db/index.js';
import { redriven } from '../../platform/outbox/index.js';
import type { Principal } from '../auth/index.js';

export interface DeadLetterRow {
  id: string;
  outboxId: string;
  job: string;
  queue: string;
  aggregateId: string | null;
  reason: string;
  attempts: number;
  createdAt: Date;
  redrivenAt: Date | null;
  redrivenBy: string | null;
}

export interface DeadLetterFilter {
  status: 'open' | 'redriven' | 'all';
  job?: string;
  prescriptionId?: string;
  cursor?: string;
  limit: number;
}

const columns = `id, outbox_id AS "outboxId", subscriber AS job, queue, aggregate_id AS "aggregateId", reason, attempts,
  created_at AS "createdAt", redriven_at AS "redrivenAt", redriven_by AS "redrivenBy"`;

/** The table holds ids and codes only and has no row-level security: the organization is compared here, in one place. */
const scope = '(organization_id = $1 OR (organization_id IS NULL AND $2))';

/** Upkeep that belongs to no organization fails for everyone; administrators see it. */
function scopeOf(principal: Principal): [string, boolean] {
  return [principal.organizationId, principal.role === 'admin'];
}

const statusConditions = {
  open: 'redriven_at IS NULL',
  redriven: 'redriven_at IS NOT NULL',
  all: 'true',
} as const;

/** Newest first: ids are time-ordered. */
export function findDeadLetters(tx: Tx, principal: Principal, filter: DeadLetterFilter): Promise<DeadLetterRow[]> {
  return tx.query<DeadLetterRow>(
    `SELECT ${columns} FROM dead_letters
     WHERE ${scope} AND ${statusConditions[filter.status]} AND ($3::text IS NULL OR subscriber = $3)
       AND ($4::uuid IS NULL OR aggregate_id = $4) AND ($5::uuid IS NULL OR id < $5)
     ORDER BY id DESC LIMIT $6`,
    [...scopeOf(principal), filter.job ?? null, filter.prescriptionId ?? null, filter.cursor ?? null, filter.limit],
  );
}

/** Locked, so that two people redrive it once. */
export function lockDeadLetter(tx: Tx, principal: Principal, id: string): Promise<DeadLetterRow | undefined> {
  return tx.one<DeadLetterRow>(`SELECT ${columns} FROM dead_letters WHERE ${scope} AND id = $3 FOR UPDATE`, [
    ...scopeOf(principal),
    id,
  ]);
}

/** The same job again with all its attempts; whatever it did before is found again by its effect keys. */
export async function redriveRow(tx: Tx, row: DeadLetterRow, by: string, now: Date): Promise<void> {
  await tx.send(
    `WITH noted AS (UPDATE dead_letters SET redriven_at = $3, redriven_by = $4 WHERE id = $2)
     UPDATE outbox_events SET ${redriven('$3')}
     WHERE id = $1`,
    [row.outboxId, row.id, now, by],
  );
}
