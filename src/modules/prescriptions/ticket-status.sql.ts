/** All are SQL. */
interface Taken {
  status: string;
  now: string;
  pharmacy?: string;
  keepsClock?: string;
}

/**
 * SET of a ticket `t` that takes a status, and perhaps a pharmacy: its time begins anew with either. Its clock stops with every
 * step, as what moves does not stand still, and is set again from there when it is the pharmacy's turn.
 */
export const takesStatus = ({
  status,
  now,
  pharmacy = 't.secondary_provider_id',
  keepsClock = 'false',
}: Taken): string => `status = ${status}, secondary_provider_id = ${pharmacy}, updated_at = ${now},
        status_since = CASE WHEN ${status} = t.status AND ${pharmacy} IS NOT DISTINCT FROM t.secondary_provider_id
          THEN t.status_since ELSE ${now} END,
        breach_at = CASE WHEN ${keepsClock} THEN t.breach_at END,
        escalated_at = CASE WHEN ${keepsClock} THEN t.escalated_at END`;
