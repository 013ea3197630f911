import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { afterOpenMinutes, type Calendar } from '../directory/index.js';
import { Tickets, type TicketStatus } from '../tickets/index.js';
import { clocksEveryMs, readClocksJob, resetClocksJob, ticketEscalatedEvent } from './desk.jobs.js';
import { clockOf, isWithPharmacy, ticketsAtPharmacies } from './ticket-clocks.sql.js';

interface Unclocked extends Calendar {
  id: string;
  clock: TicketStatus;
  /** The last step of its first prescription may have come after its status. */
  since: Date;
}

const mostAtOnce = 500;

/**
 * A clock per status, in opening hours of the pharmacy, while it is the pharmacy's turn: what stands still for too long is told to
 * operations, once.
 */
@Injectable()
export class TicketClocks implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'TICKET_CLOCKS'>,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly schedules: Schedules,
    private readonly tickets: Tickets,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: readClocksJob, everyMs: clocksEveryMs });
  }

  @Handles(readClocksJob)
  async read(_payload: { slot: string }, run: JobRun): Promise<void> {
    while ((await this.db.tx(systemContext, (tx) => this.setClocks(tx))) === mostAtOnce);
    while ((await this.db.tx(systemContext, (tx) => this.escalate(tx))) === mostAtOnce);
    await this.db.tx(systemContext, (tx) => this.outbox.close(tx, run));
  }

  /** The minute's job sets them anew. What operations were told of stays told. */
  @Handles(resetClocksJob)
  async reset({ pharmacyId }: { pharmacyId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await tx.query(
        `UPDATE healthcare_tickets t SET breach_at = NULL WHERE t.secondary_provider_id = $1 AND t.breach_at IS NOT NULL
           AND t.escalated_at IS NULL AND ${isWithPharmacy}`,
        [pharmacyId],
      );
      await this.outbox.close(tx, run);
    });
  }

  /** @returns how many got their time */
  private async setClocks(tx: Tx): Promise<number> {
    const clocked = Object.keys(this.config.TICKET_CLOCKS);
    const rows = await tx.query<Unclocked>(
      `SELECT t.id, ${clockOf} AS clock, greatest(t.status_since, p.state_since) AS since,
         ph.time_zone AS "timeZone", ph.opening_hours AS "openingHours", ph.closed_on::text[] AS "closedOn"
       FROM ${ticketsAtPharmacies}
       WHERE t.breach_at IS NULL AND ${isWithPharmacy} AND ${clockOf} = ANY($1::text[])
       ORDER BY t.id LIMIT $2 FOR NO KEY UPDATE OF t SKIP LOCKED`,
      [clocked, mostAtOnce],
    );
    await tx.query(
      `UPDATE healthcare_tickets t SET breach_at = set.at
       FROM unnest($1::uuid[], $2::timestamptz[]) AS set(id, at) WHERE t.id = set.id`,
      [rows.map(({ id }) => id), rows.map((row) => this.breachOf(row))],
    );
    return rows.length;
  }

  private breachOf({ clock, since, ...calendar }: Unclocked): Date {
    const hours = (this.config.TICKET_CLOCKS as Readonly<Partial<Record<TicketStatus, number>>>)[clock] ?? 0;
    return afterOpenMinutes(since, hours * 60, calendar);
  }

  /** A ticket somebody snoozed waits until then. @returns how many were told */
  private async escalate(tx: Tx): Promise<number> {
    const now = this.clock.now();
    const rows = await tx.query<{ id: string; organizationId: string; status: TicketStatus; breachAt: Date }>(
      `WITH late AS (
         SELECT t.id FROM ${ticketsAtPharmacies}
         WHERE t.breach_at <= $1 AND t.escalated_at IS NULL AND ${isWithPharmacy}
           AND (t.snoozed_until IS NULL OR t.snoozed_until <= $1) AND ${clockOf} IS NOT NULL
         ORDER BY t.breach_at LIMIT $2 FOR NO KEY UPDATE OF t SKIP LOCKED)
       UPDATE healthcare_tickets t SET escalated_at = $1, updated_at = $1,
         priority = CASE WHEN priority IN ('low', 'normal') THEN 'high' ELSE priority END
       FROM late WHERE t.id = late.id
       RETURNING t.id, t.organization_id AS "organizationId", t.status, t.breach_at AS "breachAt"`,
      [now, mostAtOnce],
    );
    for (const ticket of rows) {
      await this.tickets.noteOverdue(tx, ticket);
      const { id: ticketId, organizationId } = ticket;
      await this.outbox.publish(tx, {
        name: ticketEscalatedEvent,
        aggregateId: ticketId,
        organizationId,
        payload: { ticketId },
      });
    }
    return rows.length;
  }
}
