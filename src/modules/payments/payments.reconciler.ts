import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { PaymentGateway, type Checkout } from './gateways/payment-gateway.port.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';
import { RefundsStore } from './refunds.store.js';
import { Settlement } from './settlement.service.js';

/** Per run: a hundred questions stay far below Stripe's hundred a second. */
const mostAsked = 100;
/** A webhook that is this many runs late is taken for lost. */
const staleRuns = 2;

/** Finds what no webhook told: links that were paid or ran out, refunds that were confirmed. */
@Injectable()
export class PaymentsReconciler {
  private readonly staleMs: number;

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly gateway: PaymentGateway,
    private readonly payments: PaymentsStore,
    private readonly refundsStore: RefundsStore,
    private readonly refunds: Refunds,
    private readonly settlement: Settlement,
    @Inject(CONFIG) config: Config,
  ) {
    this.staleMs = config.RECONCILE_EVERY_MS * staleRuns;
  }

  /** @throws the first error when some could not be asked; the others were asked all the same */
  async run(): Promise<void> {
    const now = this.clock.now();
    const links = await this.db.tx(systemContext, (tx) =>
      this.payments.takeUnsettled(tx, now, this.staleMs, mostAsked),
    );
    const stale = new Date(now.getTime() - this.staleMs);
    const refunds = await this.db.tx(systemContext, (tx) => this.refundsStore.unsettled(tx, stale, mostAsked));
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>) => {
      await work().catch((error: unknown) => errors.push(error));
    };
    for (const payment of links) await attempt(() => this.ask(payment));
    for (const { providerId } of refunds) {
      if (providerId !== null)
        await attempt(async () => this.refunds.confirm(await this.gateway.refundState(providerId)));
    }
    if (errors.length > 0) throw errors[0];
  }

  private async ask(payment: Payment): Promise<void> {
    if (payment.sessionId === null) return;
    const checkout = await this.gateway.checkout(payment.sessionId);
    await this.settlement.apply(await this.endOverdue(payment, checkout), { trigger: 'reconciler' });
  }

  /** A page whose time is over by our clock must not be paid any more, whatever the provider's clock says. */
  private async endOverdue(payment: Payment, checkout: Checkout): Promise<Checkout> {
    const overdue = checkout.status === 'open' && payment.expiresAt < this.clock.now();
    return overdue ? this.gateway.expireCheckout(checkout.sessionId) : checkout;
  }
}
