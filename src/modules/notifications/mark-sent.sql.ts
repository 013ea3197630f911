import { unnested, type Statement } from '../../platform/db/index.js';

/** Messages vendors took, each with the try it was sent at. $1: ids, $2: the vendor's, $3: tries, $4: ids of the tries, $5: now. */
export const markSentSql: Statement = {
  name: 'notifications_mark_sent',
  text: `WITH sent AS (
      SELECT * FROM ${unnested(1, 'uuid', 'text', 'int', 'uuid')} AS s(id, provider_id, attempt, attempt_id)
    ), marked AS (
      UPDATE notifications n SET status = 'sent', failure_code = NULL, sent_at = $5,
        provider_id = coalesce(sent.provider_id, n.provider_id)
      FROM sent WHERE n.id = sent.id AND n.status = 'pending'
    )
    INSERT INTO notification_attempts (id, notification_id, prescription_id, organization_id, attempt, outcome, at)
    SELECT sent.attempt_id, n.id, n.prescription_id, n.organization_id, sent.attempt, 'sent', $5
    FROM sent JOIN notifications n ON n.id = sent.id`,
};
