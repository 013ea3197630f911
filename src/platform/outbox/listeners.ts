import type { Statement } from '../db/index.js';
import { onRequest } from '../jobs/definition.js';

/** In place of a list: every event the job is defined for, those of later versions too. */
export const everyEvent = '*';

/**
 * Whether a row of `OutboxRows` (called `rows` in the statement) is to be written. What is heard on request is looked up
 * here, in the statement that publishes: it sees exactly the listeners of its moment, and where there are none it costs a
 * look into a small index and no row, no job, no trip.
 */
export const isForSubscriber = ({
  variant,
  organization,
  event,
}: Record<'variant' | 'organization' | 'event', string>) =>
  `(rows.variant IS NULL OR rows.variant = ${variant} OR (rows.variant = '${onRequest}' AND EXISTS (
      SELECT 1 FROM event_listeners l WHERE l.organization_id = ${organization} AND l.subscriber = rows.subscriber
        AND l.event IN (${event}, '${everyEvent}'))))`;

export const forgetListeners: Statement = {
  name: 'outbox_forget_listeners',
  text: 'DELETE FROM event_listeners WHERE organization_id = $1 AND subscriber = $2 AND event <> ALL ($3::text[])',
};

export const addListeners: Statement = {
  name: 'outbox_add_listeners',
  text: `INSERT INTO event_listeners (organization_id, subscriber, event) SELECT $1, $2, unnest($3::text[])
    ON CONFLICT DO NOTHING`,
};
