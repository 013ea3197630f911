import { createHash } from 'node:crypto';

/** The chain of entries without an organization. */
export const noOrganization = '00000000-0000-0000-0000-000000000000';

/** What stands before the first entry of a chain. */
export const firstHash = Buffer.alloc(32);

/**
 * Every column of an entry but its hash, as text that depends on no setting of the session. The order is part of the format: a
 * column that is added later goes to the end, with the number from which on it counts.
 */
const fields: readonly (readonly [column: string, asText: string])[] = [
  ['organization_id', 'organization_id::text'],
  ['seq', 'seq::text'],
  ['id', 'id::text'],
  ['actor_kind', 'actor_kind'],
  ['actor_id', 'actor_id::text'],
  ['actor_role', 'actor_role'],
  ['action', 'action'],
  ['entity', 'entity'],
  ['entity_ids', 'entity_ids::text'],
  ['outcome', 'outcome'],
  ['reason', 'reason'],
  ['request_id', 'request_id'],
  ['ip', 'ip::text'],
  ['occurred_at', 'extract(epoch FROM occurred_at)::text'],
];

export const chainedColumns: readonly string[] = fields.map(([column]) => column);

/** SQL: the columns of an entry as `text[]`. */
export const entryFields = `ARRAY[${fields.map(([, asText]) => asText).join(', ')}]::text[]`;

/** SQL: the same as JSON. Quotes and nulls are told apart, so two different entries never have one text. */
export const entryText = `array_to_json(${entryFields})::text`;

/** SQL: the chain an entry belongs to; the expression of the index `audit_entries_chain`. */
export const chainOfEntry = `coalesce(organization_id, '${noOrganization}'::uuid)`;

/** The same hash as the sealer's in SQL, computed without trusting a function that lives in the database. */
export function hashAfter(previous: Buffer, entry: readonly (string | null)[]): Buffer {
  return createHash('sha256').update(previous).update(JSON.stringify(entry)).digest();
}

export function organizationOf(chain: string): string | null {
  return chain === noOrganization ? null : chain;
}

export function chainOf(organizationId: string | null): string {
  return organizationId ?? noOrganization;
}
