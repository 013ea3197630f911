import type { Tx } from '../../platform/db/index.js';
import type { Position } from '../../platform/http/index.js';
import type { ActorKind } from './audit-entry.entity.js';

export const accessActions = ['read', 'search', 'export'] as const;
export type AccessAction = (typeof accessActions)[number];

export interface AccessFilter {
  patientId: string;
  /** Whose own address may be shown in full. */
  userId: string;
  /** Where the page before ended: newest first. */
  after?: Position | undefined;
  limit: number;
}

/** One look at what belongs to a patient. Ids of the entry are left out: a list names other patients' rows, too. */
export interface AccessRow {
  id: string;
  occurredAt: Date;
  actorKind: ActorKind;
  actorId: string | null;
  actorRole: string | null;
  action: AccessAction;
  entity: string;
  /** The network of others (/24, /48), where an address would tell staff's homes. */
  origin: string | null;
}

/** Row-level security keeps it to the patient of the context, too. */
export function findAccess(tx: Tx, { patientId, userId, after, limit }: AccessFilter): Promise<AccessRow[]> {
  return tx.query<AccessRow>(
    `SELECT id, occurred_at AS "occurredAt", actor_kind AS "actorKind", actor_id AS "actorId", actor_role AS "actorRole",
       action, entity, CASE WHEN actor_id = $2 THEN host(ip)
         ELSE network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END))::text END AS origin
     FROM audit_entries
     WHERE entity_ids && (SELECT patient_record_ids($1)) AND action IN ('read', 'search', 'export') AND outcome = 'success'
       AND ($3::timestamptz IS NULL OR (occurred_at, id) < ($3, $4::uuid))
     ORDER BY occurred_at DESC, id DESC LIMIT $5`,
    [patientId, userId, after?.at ?? null, after?.id ?? null, limit],
  );
}
