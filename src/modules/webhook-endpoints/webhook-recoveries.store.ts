import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { pingEvent } from './event-catalog.js';
import { deliverInTurnJob, type Try } from './webhook-endpoints.jobs.js';

/** Recovered, and not yet its turn: no job knows of it. */
const waiting = `status = 'pending' AND next_attempt_at IS NULL`;

/** A failed one begins a new round: jobs of its former one may still be about. A held one of its round has none. */
const recover = `
  WITH recovered AS (
    UPDATE webhook_deliveries SET status = 'pending', round = CASE status WHEN 'failed' THEN round + 1 ELSE round END,
      tries = 0, failure_code = NULL, next_attempt_at = NULL, ended_at = NULL
    WHERE endpoint_id = $1 AND status IN ('held', 'failed') AND event <> '${pingEvent}'
      AND ($2::timestamptz IS NULL OR created_at >= $2)
    RETURNING id)
  SELECT count(*)::int AS count FROM recovered`;

/**
 * What an endpoint missed, sent in the order in which it happened (`event_id` is time-ordered): each when the one before has
 * had its first try, so one that is not taken holds up nothing. Whose turn it is stands on the endpoint, whose lock keeps
 * those apart who recover, hand on, disable and delete.
 */
@Injectable()
export class WebhookRecoveriesStore {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
  ) {}

  /** The endpoint must be locked. @param since undefined: all that is kept. @returns how many go out */
  async recover(tx: Tx, endpointId: string, since: Date | undefined): Promise<number> {
    const row = await tx.one<{ count: number }>(recover, [endpointId, since ?? null]);
    await this.handOn(tx, endpointId, null);
    return row?.count ?? 0;
  }

  /** After the first try of a recovered delivery; once, also when its job runs twice. */
  next(tx: Tx, { endpointId, deliveryId }: Try): Promise<void> {
    return this.handOn(tx, endpointId, deliveryId);
  }

  /** What waits for its turn goes back to what is held. The endpoint must be locked. */
  async hold(tx: Tx, endpointId: string): Promise<void> {
    await tx.send(`UPDATE webhook_deliveries SET status = 'held' WHERE endpoint_id = $1 AND ${waiting}`, [endpointId]);
  }

  /** With the endpoint goes what it was not told. The endpoint must be locked. */
  async forget(tx: Tx, endpointId: string): Promise<void> {
    await tx.send(`DELETE FROM webhook_deliveries WHERE endpoint_id = $1 AND (status = 'held' OR (${waiting}))`, [
      endpointId,
    ]);
  }

  /** @param former null: nobody's turn it was */
  private async handOn(tx: Tx, endpointId: string, former: string | null): Promise<void> {
    const endpoint = await tx.one(
      `SELECT id FROM webhook_endpoints WHERE id = $1 AND recovering_id IS NOT DISTINCT FROM $2 FOR NO KEY UPDATE`,
      [endpointId, former],
    );
    if (endpoint === undefined) return;
    const now = this.clock.now();
    const next = await tx.one<{ id: string; organizationId: string; round: number }>(
      `UPDATE webhook_deliveries SET next_attempt_at = $2 WHERE id = (
         SELECT id FROM webhook_deliveries WHERE endpoint_id = $1 AND ${waiting} ORDER BY event_id LIMIT 1)
       RETURNING id, organization_id AS "organizationId", round`,
      [endpointId, now],
    );
    await tx.send('UPDATE webhook_endpoints SET recovering_id = $2 WHERE id = $1', [endpointId, next?.id ?? null]);
    if (next === undefined) return;
    const { id, organizationId, round } = next;
    await this.outbox.enqueue(
      tx,
      deliverInTurnJob,
      { deliveryId: id, endpointId, round },
      { aggregateId: id, organizationId, dueAt: now },
    );
  }
}
