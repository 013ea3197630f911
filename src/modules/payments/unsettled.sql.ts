/** What the provider is asked about when no webhook came: links and refunds. */
export type Asked = 'payments' | 'refunds';

const kinds: Readonly<Record<Asked, { open: string; lastAsked: string }>> = {
  payments: { open: `status = 'open'`, lastAsked: 'checked_at' },
  refunds: { open: `status = 'pending' AND provider_id IS NOT NULL`, lastAsked: 'coalesce(checked_at, created_at)' },
};

/** The older it is, the longer the pauses: a quarter of its age, so a day costs some twenty questions and not hundreds. */
const pause = `greatest($2 * interval '1 millisecond', ($1::timestamptz - created_at) / 4)`;

/** Takes those that are due and notes that they are asked now. $1 now, $2 the shortest pause in ms, $3 how many at most */
export function takeUnsettledSql(asked: Asked): string {
  const { open, lastAsked } = kinds[asked];
  return `UPDATE ${asked} SET checked_at = $1 WHERE id IN (
      SELECT id FROM ${asked} WHERE ${open} AND ${lastAsked} < $1::timestamptz - ${pause}
      ORDER BY ${lastAsked} LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING id`;
}

/** Of those the provider gave no answer about: they are due again at once. $1 now, $2 the shortest pause in ms, $3 ids */
export const unaskedSql = (asked: Asked) =>
  `UPDATE ${asked} SET checked_at = $1::timestamptz - ${pause} WHERE id = ANY($3::uuid[])`;
