import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { Compensations, moneyLookedInto, Prescriptions, waitAlone } from '../prescriptions/index.js';
import { InvoicesStore } from './invoices.store.js';
import { MisfitMoney } from './misfit-money.service.js';
import { PaymentLinks } from './payment-links.service.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';
import { RefundsStore } from './refunds.store.js';
import { refundCauseOf, refundOutcomeOf } from './settlement.policy.js';

/**
 * Undoes our part of a prescription that is cancelled, failed or returned. While the provider is away the rest is undone: the
 * invoice is void before its links are closed, money that still comes in goes back, and a refund has a job of its own.
 */
@Injectable()
export class PaymentsCompensations implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly compensations: Compensations,
    private readonly prescriptions: Prescriptions,
    private readonly payments: PaymentsStore,
    private readonly invoices: InvoicesStore,
    private readonly links: PaymentLinks,
    private readonly refunds: Refunds,
    private readonly refundsStore: RefundsStore,
    private readonly misfits: MisfitMoney,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'EFFECT_HOLD_MS'>,
  ) {}

  onModuleInit(): void {
    this.compensations.register({ step: 'payment_link', run: (id) => waitAlone(this.closeLinks(id)) });
    this.compensations.register({ step: 'refund', run: (id) => waitAlone(this.refundPaid(id)) });
  }

  /** The invoice goes first: from then on no link is renewed, and money that still comes in goes back. */
  private async closeLinks(prescriptionId: string): Promise<string> {
    const unpaid = await this.db.tx(systemContext, async (tx) => {
      await this.prescriptions.lock(tx, prescriptionId);
      await this.invoices.voidOpen(tx, prescriptionId);
      const all = await this.payments.ofPrescription(tx, prescriptionId);
      return all.filter(({ status }) => status === 'created' || status === 'open');
    });
    for (const payment of unpaid) await this.links.expire(payment);
    // Also here: its last look at the provider may come after the refunds.
    if (await this.isLookedInto(prescriptionId)) return moneyLookedInto;
    return unpaid.length === 0 ? 'nothing-to-do' : 'expired';
  }

  /** What was decided is sent also when the undoing ends here, because a report took its reason back. */
  private async refundPaid(prescriptionId: string): Promise<string> {
    const { refundIds, cause } = await this.db.tx(systemContext, async (tx) => {
      const { state } = await this.prescriptions.get(tx, prescriptionId);
      const cause = refundCauseOf(state);
      const all = await this.payments.ofPrescription(tx, prescriptionId);
      const refundIds: string[] = [];
      const dueAt = new Date(this.clock.now().getTime() + this.config.EFFECT_HOLD_MS);
      for (const payment of all.filter(({ status }) => status === 'paid')) {
        const unsent = await this.refunds.refundRest(tx, payment, cause);
        await this.refunds.enqueue(tx, payment, unsent, dueAt);
        refundIds.push(...unsent);
      }
      return { refundIds, cause };
    });
    for (const id of refundIds) await this.refunds.send(id);
    if (await this.isLookedInto(prescriptionId)) return moneyLookedInto;
    return this.db.tx(systemContext, async (tx) => {
      const refunds = await this.refundsStore.ofPrescription(tx, prescriptionId);
      return refundOutcomeOf(refunds.filter(({ kind, reason }) => kind === 'rest' && reason === cause));
    });
  }

  private isLookedInto(prescriptionId: string): Promise<boolean> {
    return this.db.tx(systemContext, (tx) => this.misfits.askAbout(tx, prescriptionId));
  }
}
