import type { Tx } from '../../platform/db/index.js';
import { definedJobs, ownerOfUnknownJobs, type JobOwner } from '../../platform/jobs/index.js';
import { redriven } from '../../platform/outbox/index.js';
import type { Principal } from '../auth/index.js';
import { isOfEventSql, joinEventOfLetterSql } from '../webhooks/index.js';

export interface DeadLetterRow {
  id: string;
  outboxId: string;
  job: string;
  queue: string;
  aggregateId: string | null;
  /** What the job was about, where it was one of these. */
  prescriptionId: string | null;
  webhookEventId: string | null;
  reason: string;
  attempts: number;
  createdAt: Date;
  redrivenAt: Date | null;
  redrivenBy: string | null;
}

export interface DeadLetterFilter {
  status: 'open' | 'redriven' | 'all';
  job?: string;
  owner?: JobOwner;
  prescriptionId?: string;
  cursor?: string;
  limit: number;
}

const columns = `d.id, d.outbox_id AS "outboxId", d.subscriber AS job, d.queue, d.aggregate_id AS "aggregateId", p.id AS "prescriptionId",
  e.id AS "webhookEventId", d.reason, d.attempts, d.created_at AS "createdAt", d.redriven_at AS "redrivenAt", d.redriven_by AS "redrivenBy"`;
const letters = `dead_letters d ${joinEventOfLetterSql('d', 'e')} LEFT JOIN prescriptions p ON p.id = d.aggregate_id`;

/**
 * The table holds ids and codes only and has no row-level security: the organization is compared here, in one place. Of events
 * row-level security shows the own ones and those nobody was matched with; one it hides is somebody else's and not nobody's.
 */
const organization = 'coalesce(d.organization_id, e.organization_id)';
const isNobodys = `${organization} IS NULL AND (e.id IS NOT NULL OR NOT ${isOfEventSql('d')})`;
const scope = `(${organization} = $1 OR (${isNobodys} AND $2))`;

/** Upkeep that belongs to no organization fails for everyone; administrators see it. */
function scopeOf(principal: Principal): [string, boolean] {
  return [principal.organizationId, principal.role === 'admin'];
}

const statusConditions = {
  open: 'd.redriven_at IS NULL',
  redriven: 'd.redriven_at IS NOT NULL',
  all: 'true',
} as const;

/** Names of jobs, and whether theirs are the letters that are wanted or all others are: unknown jobs can only be found so. */
function jobsOf(owner: JobOwner | undefined): [names: string[] | null, areWanted: boolean] {
  if (owner === undefined) return [null, true];
  const areWanted = owner !== ownerOfUnknownJobs;
  const jobs = definedJobs().filter((job) => (job.owner === owner) === areWanted);
  return [jobs.map(({ name }) => name), areWanted];
}

/** Newest first: ids are time-ordered. */
export function findDeadLetters(tx: Tx, principal: Principal, filter: DeadLetterFilter): Promise<DeadLetterRow[]> {
  return tx.query<DeadLetterRow>(
    `SELECT ${columns} FROM ${letters}
     WHERE ${scope} AND ${statusConditions[filter.status]} AND ($3::text IS NULL OR d.subscriber = $3)
       AND ($4::uuid IS NULL OR d.aggregate_id = $4) AND ($5::uuid IS NULL OR d.id < $5)
       AND ($6::text[] IS NULL OR (d.subscriber = ANY($6)) = $7)
     ORDER BY d.id DESC LIMIT $8`,
    [
      ...scopeOf(principal),
      filter.job ?? null,
      filter.prescriptionId ?? null,
      filter.cursor ?? null,
      ...jobsOf(filter.owner),
      filter.limit,
    ],
  );
}

/** Locked, so that two people redrive it once. */
export function lockDeadLetter(tx: Tx, principal: Principal, id: string): Promise<DeadLetterRow | undefined> {
  return tx.one<DeadLetterRow>(`SELECT ${columns} FROM ${letters} WHERE ${scope} AND d.id = $3 FOR UPDATE OF d`, [
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
