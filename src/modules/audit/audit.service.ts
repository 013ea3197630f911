import { Injectable } from '@nestjs/common';
import { isIP } from 'node:net';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Statement, type Tx } from '../../platform/db/index.js';
import { requestContext, type RequestContext } from '../../platform/http/request-context.js';
import { isId, newId } from '../../platform/ids/index.js';
import type { ActorKind, AuditAction, AuditOutcome } from './audit-entry.entity.js';

export interface AuditActor {
  kind: ActorKind;
  id?: string | undefined;
  role?: string | undefined;
}

export interface AuditRecord {
  action: AuditAction;
  /** What it was done to, singular: `prescription`, `patient`, `user`. */
  entity: string;
  /** A list read is one entry with all ids. */
  entityIds?: readonly string[];
  /** A code, never a sentence with values. */
  reason?: string;
  /** Default `success`; `recordDenied` says `denied`. */
  outcome?: AuditOutcome;
  /** Default: the caller of the HTTP request, else the system. */
  actor?: AuditActor;
  /** Default: the caller's organization. */
  organizationId?: string;
}

const insertEntry: Statement = {
  name: 'audit_insert',
  text: `INSERT INTO audit_entries (id, organization_id, actor_kind, actor_id, actor_role, action, entity, entity_ids, outcome,
      reason, request_id, ip, occurred_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::uuid[], $9, $10, $11, $12, $13)`,
};

/** The record of who did what. One entry per read, write, denial, export and sign-in; no chain value here (the sealer's work). */
@Injectable()
export class Audit {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** In the caller's transaction: what is not committed did not happen, and what happened is recorded. */
  async record(tx: Tx, entry: AuditRecord): Promise<void> {
    const context = requestContext();
    const actor = entry.actor ?? context?.caller ?? { kind: 'system' };
    const organization = entry.organizationId ?? context?.caller?.organizationId ?? tx.context['organization'] ?? null;
    await tx.send(insertEntry, [
      newId(),
      organization,
      actor.kind,
      actor.id ?? null,
      actor.role ?? null,
      entry.action,
      entry.entity,
      (entry.entityIds ?? []).filter(isId),
      entry.outcome ?? 'success',
      entry.reason ?? null,
      context?.requestId ?? null,
      auditedIp(context),
      this.clock.now(),
    ]);
  }

  /** In a transaction of its own: the denied one is rolled back. */
  async recordDenied(entry: Omit<AuditRecord, 'outcome'>): Promise<void> {
    await this.db.tx(systemContext, (tx) => this.record(tx, { ...entry, outcome: 'denied' }));
  }
}

/** A proxy may say anything in the place of an address. */
export function auditedIp(request: RequestContext | null | undefined): string | null {
  return request && isIP(request.ip) !== 0 ? request.ip : null;
}
