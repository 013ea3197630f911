import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { openTicketStatuses, Tickets, type Ticket } from '../tickets/index.js';
import { ParkedWebhooks, type NotUnderstood } from '../webhooks/index.js';
import { lookAtParkedEveryMs, lookAtParkedJob, ticketParkedEveryMs, ticketParkedJob } from './maintenance.jobs.js';

/** As long as vendors repeat what we did not take; what has not appeared by then will not appear by itself. */
const patienceMs = 7 * 86_400_000;
/** Of one run; the rest waits for the next. */
const mostTickets = 200;
const mostLooks = 1_000;

/**
 * Looks again at events whose order had not come or whose job died, and asks operations about words and bodies nobody understands,
 * and what to do with events whose order never came.
 */
@Injectable()
export class ParkedWebhooksWorker implements OnModuleInit {
  constructor(
    private readonly schedules: Schedules,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly parked: ParkedWebhooks,
    private readonly tickets: Tickets,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: lookAtParkedJob, everyMs: lookAtParkedEveryMs });
    this.schedules.add({ job: ticketParkedJob, everyMs: ticketParkedEveryMs });
  }

  @Handles(lookAtParkedJob)
  async lookAgain(_payload: { slot: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.parked.lookAgain(tx, mostLooks);
      await this.parked.failAbandoned(tx);
      await this.outbox.close(tx, run);
    });
  }

  @Handles(ticketParkedJob)
  async openTickets(_payload: { slot: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await this.tellNotUnderstood(tx);
      const before = new Date(this.clock.now().getTime() - patienceMs);
      for (const event of await this.parked.takeOverdue(tx, before, mostTickets)) {
        const { id: webhookEventId, organizationId, source, code } = event;
        const reason = code ?? 'webhook.parked';
        const details = { webhookEventId, source, receivedAt: event.receivedAt.toISOString() };
        const ticketId = await this.tickets.openSupport(tx, { organizationId, reason, details });
        await this.parked.noteTicket(tx, [webhookEventId], ticketId);
      }
      await this.outbox.close(tx, run);
    });
  }

  /** One ticket a word, or a source's other form, however many events are of it: those that come while it is open are noted under it. */
  private async tellNotUnderstood(tx: Tx): Promise<void> {
    for (const { ids, toldBy, ...saying } of await this.parked.takeNotUnderstood(tx, mostLooks)) {
      const isTold = toldBy !== null && isOpen(await this.tickets.get(tx, toldBy));
      await this.parked.noteTicket(tx, ids, isTold ? toldBy : await this.askAbout(tx, ids, saying));
    }
  }

  private askAbout(tx: Tx, ids: readonly string[], saying: Omit<NotUnderstood, 'ids' | 'toldBy'>): Promise<string> {
    const { organizationId, source, code, eventType, word, receivedAt } = saying;
    const [webhookEventId] = ids;
    const details = {
      webhookEventId,
      source,
      ...(eventType !== null && { eventType }),
      ...(word !== null && { word }),
    };
    return this.tickets.openSupport(tx, {
      organizationId,
      reason: code ?? 'webhook.parked',
      details: { ...details, events: ids.length, receivedAt: receivedAt.toISOString() },
    });
  }
}

const isOpen = ({ status }: Ticket) => openTicketStatuses.includes(status);
