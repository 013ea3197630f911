import type { Statement } from '../../platform/db/index.js';

/**
 * What the vendor calls texts whose end it did not tell, of those sent between two ids of their tries ($1, $2). Which ones is drawn
 * by $3, so that each has its turn though of some nothing is ever told. $4: how many.
 */
export const unreportedSql: Statement = {
  name: 'notifications_unreported',
  text: `SELECT provider_id AS "providerId" FROM notifications
    WHERE channel = 'sms' AND status = 'sent' AND provider_id IS NOT NULL
      AND id IN (SELECT notification_id FROM notification_attempts WHERE id >= $1 AND id < $2 AND outcome = 'sent')
    ORDER BY md5(provider_id || $3) LIMIT $4`,
};
