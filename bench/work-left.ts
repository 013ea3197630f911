/** One row, `open`: whether anything is still to be done. What is planned for later, such as reminders, is not. */
export const workLeft = `SELECT EXISTS (SELECT 1 FROM outbox_events
  WHERE done_at IS NULL AND aggregate_id IS NOT NULL AND due_at < now() + interval '5 minutes') AS open`;
