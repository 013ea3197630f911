import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { TimelineSources, type TimelineEntry } from './timeline.js';

/** Far above what one prescription collects; a bound all the same. */
const mostEntries = 2_000;

interface StatusRow {
  action: string;
  from: string | null;
  to: string;
  moved: boolean;
  version: number | null;
  actorKind: string;
  actorId: string | null;
  trigger: string;
  reason: string | null;
  event: string;
  webhookEventId: string | null;
  jobId: string | null;
  at: Date;
  recordedAt: Date;
}

interface EffectRow {
  kind: string;
  state: string;
  errorCode: string | null;
  attempts: number;
  at: Date;
  recordedAt: Date;
}

interface DeadLetterRow {
  id: string;
  job: string;
  outboxId: string;
  reason: string;
  attempts: number;
  at: Date;
  redrivenAt: Date | null;
  redrivenBy: string | null;
}

/** What the platform itself knows of every prescription: its moves, what vendors were asked for, and what failed for good. */
@Injectable()
export class OwnTimeline implements OnModuleInit {
  constructor(private readonly sources: TimelineSources) {}

  onModuleInit(): void {
    this.sources.register({ name: 'status', audience: 'parties', entries: statusEntries });
    this.sources.register({ name: 'effects', audience: 'staff', entries: effectEntries });
    this.sources.register({ name: 'dead-letters', audience: 'staff', entries: deadLetterEntries });
  }
}

async function statusEntries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
  const rows = await tx.query<StatusRow>(
    `SELECT action, from_state AS "from", to_state AS "to", moved, version, actor_kind AS "actorKind", actor_id AS "actorId",
       trigger, reason, event, webhook_event_id AS "webhookEventId", job_id AS "jobId", occurred_at AS at,
       recorded_at AS "recordedAt"
     FROM prescription_status_events WHERE prescription_id = $1 ORDER BY occurred_at, recorded_at, version, id LIMIT $2`,
    [prescriptionId, mostEntries],
  );
  return rows.map((row) => ({
    at: row.at,
    recordedAt: row.recordedAt,
    kind: 'status',
    code: `prescription.${row.action}`,
    actor: { kind: row.actorKind, id: row.actorId },
    cause: { trigger: row.trigger, reason: row.reason, webhookEventId: row.webhookEventId, jobId: row.jobId },
    // A report that came too late to move anything says so.
    details: { from: row.from, to: row.to, moved: row.moved, version: row.version, event: row.event },
  }));
}

async function effectEntries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
  const rows = await tx.query<EffectRow>(
    `SELECT kind, state, error_code AS "errorCode", attempts, created_at AS at, updated_at AS "recordedAt"
     FROM effects WHERE aggregate_id = $1 ORDER BY created_at LIMIT $2`,
    [prescriptionId, mostEntries],
  );
  return rows.map(({ kind, state, errorCode, attempts, at, recordedAt }) => ({
    at,
    recordedAt,
    kind: 'effect',
    code: kind,
    actor: { kind: 'system', id: null },
    cause: { trigger: 'worker', reason: errorCode },
    details: { state, attempts, settledAt: state === 'sent' ? null : recordedAt.toISOString() },
  }));
}

async function deadLetterEntries(tx: Tx, prescriptionId: string): Promise<TimelineEntry[]> {
  const rows = await tx.query<DeadLetterRow>(
    `SELECT id, subscriber AS job, outbox_id AS "outboxId", reason, attempts, created_at AS at,
       redriven_at AS "redrivenAt", redriven_by AS "redrivenBy"
     FROM dead_letters WHERE aggregate_id = $1 ORDER BY created_at LIMIT $2`,
    [prescriptionId, mostEntries],
  );
  return rows.flatMap((row) => [failed(row), ...redriven(row)]);
}

function failed({ id, job, outboxId, reason, attempts, at }: DeadLetterRow): TimelineEntry {
  return {
    at,
    recordedAt: at,
    kind: 'dead_letter',
    code: job,
    actor: { kind: 'system', id: null },
    cause: { trigger: 'worker', reason, jobId: outboxId },
    details: { deadLetterId: id, attempts },
  };
}

function redriven({ id, job, outboxId, redrivenAt, redrivenBy }: DeadLetterRow): TimelineEntry[] {
  // By nobody: it was settled by the end of its prescription.
  if (redrivenAt === null || redrivenBy === null) return [];
  const entry = {
    at: redrivenAt,
    recordedAt: redrivenAt,
    kind: 'redrive',
    code: job,
    actor: { kind: 'user', id: redrivenBy },
    cause: { trigger: 'user', jobId: outboxId },
    details: { deadLetterId: id },
  };
  return [entry];
}
