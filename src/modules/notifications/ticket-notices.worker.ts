import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { tellOfMessageJob, tellOperationsJob, tellPharmacyJob, type TicketPayload } from './notifications.jobs.js';
import { TicketNotices } from './ticket-notices.service.js';
import { TicketNoticesStore } from './ticket-notices.store.js';

@Injectable()
export class TicketNoticesWorker {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly store: TicketNoticesStore,
    private readonly notices: TicketNotices,
  ) {}

  @Handles(tellOfMessageJob)
  async ofMessage({ messageId }: { messageId: string }, run: JobRun): Promise<void> {
    await this.closing(run, (tx) => this.notices.ofMessage(tx, messageId));
  }

  @Handles(tellOperationsJob)
  async toOperations({ ticketId }: { ticketId: string }, run: JobRun): Promise<void> {
    await this.closing(run, (tx) =>
      run.event === 'support_requested'
        ? this.notices.ofSupport(tx, ticketId)
        : this.notices.ofEscalation(tx, ticketId, run.outboxId),
    );
  }

  @Handles(tellPharmacyJob)
  async toPharmacy({ prescriptionId, ticketId }: TicketPayload, run: JobRun): Promise<void> {
    const readers = await this.store.pharmacyReaders({ outboxId: run.outboxId, prescriptionId, ticketId });
    if (readers.length === 0) run.closed = true;
    else await this.closing(run, (tx) => this.notices.toPharmacy(tx, readers));
  }

  private async closing(run: JobRun, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      await work(tx);
      await this.outbox.close(tx, run);
    });
  }
}
