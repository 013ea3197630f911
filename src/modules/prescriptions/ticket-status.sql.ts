/**
 * SET of a ticket `t` that takes a status: only a status that is new begins a time and clears the clock.
 * @param status and `now` are SQL
 */
export const takesStatus = (status: string, now: string): string => `status = ${status}, updated_at = ${now},
        status_since = CASE WHEN ${status} = t.status THEN t.status_since ELSE ${now} END,
        breach_at = CASE WHEN ${status} = t.status THEN t.breach_at END,
        escalated_at = CASE WHEN ${status} = t.status THEN t.escalated_at END`;
