import type { Tx } from '../../platform/db/index.js';
import { isId } from '../../platform/ids/index.js';
import { Thread } from './thread.entity.js';

/**
 * The thread with a pharmacy about an order, for callers that know no ticket: the one of the prescription's ticket while that
 * is at the pharmacy, otherwise the one of the older system that names both. Who may see it is decided by row-level security.
 */
export async function threadOfOrder(tx: Tx, orderId: string, pharmacyId: string): Promise<Thread | undefined> {
  if (!isId(pharmacyId)) return undefined;
  const found = await tx.one<{ id: string }>(ranked, [orderId, pharmacyId, isId(orderId) ? orderId : null]);
  return found === undefined ? undefined : tx.row(Thread, { id: found.id });
}

const ranked = `SELECT id FROM (
    SELECT t.id, t.last_message_at, 1 AS rank
    FROM prescriptions p
    JOIN healthcare_tickets k ON k.id = p.ticket_id AND k.secondary_provider_id = $2::uuid
    JOIN chat_threads t ON t.ticket_id = k.id
    WHERE p.id = $3::uuid
    UNION ALL
    SELECT t.id, t.last_message_at, CASE WHEN t.ticket_id IS NULL THEN 3 ELSE 2 END
    FROM chat_threads t WHERE t.order_id = $1 AND lower(btrim(t.metadata ->> 'target_id')) = lower($2::text)
  ) AS threads
  ORDER BY rank, last_message_at DESC NULLS LAST, id LIMIT 1`;
