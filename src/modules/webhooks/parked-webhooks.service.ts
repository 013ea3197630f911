import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';

/** An event that has been parked for long enough that a person must look. */
export interface OverdueWebhook {
  id: string;
  /** Of the organization it belongs to; while nobody knows which, of the one that runs the installation. */
  organizationId: string;
  source: string;
  code: string | null;
  receivedAt: Date;
}

/** What waits in the inbox for something that may never appear. */
@Injectable()
export class ParkedWebhooks {
  /** Locked, so that two looks make one ticket. Oldest first. */
  takeOverdue(tx: Tx, receivedBefore: Date, most: number): Promise<OverdueWebhook[]> {
    return tx.query<OverdueWebhook>(
      `SELECT e.id, coalesce(e.organization_id, home.id) AS "organizationId", e.source, e.error_code AS code,
         e.received_at AS "receivedAt"
       FROM webhook_events e
       CROSS JOIN (SELECT id FROM organizations ORDER BY created_at, id LIMIT 1) home
       WHERE e.status = 'parked' AND e.ticket_id IS NULL AND e.received_at < $1
       ORDER BY e.id LIMIT $2 FOR UPDATE OF e SKIP LOCKED`,
      [receivedBefore, most],
    );
  }

  async noteTicket(tx: Tx, id: string, ticketId: string): Promise<void> {
    await tx.send('UPDATE webhook_events SET ticket_id = $2 WHERE id = $1', [id, ticketId]);
  }
}
