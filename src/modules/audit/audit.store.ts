import type { Tx } from '../../platform/db/index.js';
import type { Position } from '../../platform/http/index.js';
import type { AuditEntry } from './audit-entry.entity.js';

export interface AuditFilter {
  organizationId: string;
  actorId?: string | undefined;
  action?: string | undefined;
  entity?: string | undefined;
  entityId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  /** Where the page before ended: entries are read newest first. */
  after?: Position | undefined;
  limit: number;
}

const columns = `id, actor_kind AS "actorKind", actor_id AS "actorId", actor_role AS "actorRole", action, entity,
  entity_ids AS "entityIds", outcome, reason, request_id AS "requestId", host(ip) AS ip, occurred_at AS "occurredAt", seq`;

export type AuditRow = Omit<AuditEntry, 'organizationId' | 'hash'>;

/** Row-level security keeps it to the caller's organization, too; named here, the index by time has the page in order. */
export function findEntries(tx: Tx, filter: AuditFilter): Promise<AuditRow[]> {
  return tx.query<AuditRow>(
    `SELECT ${columns} FROM audit_entries
     WHERE organization_id = $10 AND ($1::uuid IS NULL OR actor_id = $1) AND ($2::text IS NULL OR action = $2) AND ($3::text IS NULL OR entity = $3)
       AND ($4::uuid IS NULL OR entity_ids @> ARRAY[$4::uuid]) AND ($5::timestamptz IS NULL OR occurred_at >= $5)
       AND ($6::timestamptz IS NULL OR occurred_at < $6)
       AND ($7::timestamptz IS NULL OR (occurred_at, id) < ($7, $8::uuid))
     ORDER BY occurred_at DESC, id DESC LIMIT $9`,
    [
      filter.actorId ?? null,
      filter.action ?? null,
      filter.entity ?? null,
      filter.entityId ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? null,
      filter.limit,
      filter.organizationId,
    ],
  );
}
