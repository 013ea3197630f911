import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Tickets } from '../tickets/index.js';
import type { Payment } from './payment.entity.js';
import { askAboutMoney } from './payments.jobs.js';
import { PaymentsStore } from './payments.store.js';

const next = 'Look for it at the provider; what came in and was not given back yet is refunded there.';

/** Money that came in and does not fit was never taken for ours, so nothing here gives it back: operations do. */
@Injectable()
export class MisfitMoney {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly payments: PaymentsStore,
    private readonly tickets: Tickets,
  ) {}

  /** Asks operations once about each payment, however often it is undone. @returns whether there is such money */
  async askAbout(tx: Tx, prescriptionId: string): Promise<boolean> {
    const misfits = (await this.payments.ofPrescription(tx, prescriptionId)).filter(isMisfit);
    for (const { id: paymentId, organizationId } of misfits) {
      const about = { aggregateId: prescriptionId, organizationId, dedupeKey: `${askAboutMoney.name} ${paymentId}` };
      await this.outbox.enqueue(tx, askAboutMoney, { paymentId }, about);
    }
    return misfits.length > 0;
  }

  @Handles(askAboutMoney)
  async openTicket({ paymentId }: { paymentId: string }, run: JobRun): Promise<void> {
    await this.db.tx(systemContext, async (tx) => {
      const payment = await this.payments.get(tx, paymentId);
      if (isMisfit(payment)) {
        const { organizationId, prescriptionId, invoiceId, sessionId, finding: reason } = payment;
        const details = { prescriptionId, invoiceId, paymentId, sessionId, next };
        await this.tickets.openSupport(tx, { organizationId, reason, details });
      }
      await this.outbox.close(tx, run);
    });
  }
}

/** What was paid for good loses its finding. */
function isMisfit(payment: Payment): payment is Payment & { finding: string } {
  return payment.finding !== null && payment.status !== 'paid' && payment.status !== 'refunded';
}
