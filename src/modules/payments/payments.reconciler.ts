import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Refused } from '../../platform/effects/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { PaymentGateway, type Checkout } from './gateways/payment-gateway.port.js';
import { answerOrOver } from './gone-page.js';
import type { Payment } from './payment.entity.js';
import { PaymentsStore } from './payments.store.js';
import type { Refund } from './refund.entity.js';
import { Refunds } from './refunds.service.js';
import { RefundsStore } from './refunds.store.js';
import { Settlement } from './settlement.service.js';
import { unaskedSql, type Asked } from './unsettled.sql.js';

/** Taken at once: what is taken and then not asked waits for its next turn. */
const batchRows = 10;
/** For links and for refunds each: while Stripe answers slowly, a run asks less and not for longer. */
const mostMs = 20_000;
/** Per run: a hundred questions stay far below Stripe's hundred a second. */
const mostAsked = 100;
/** A webhook that is this many runs late is taken for lost. */
const staleRuns = 2;

interface Unsettled<T> {
  takeUnsettled(tx: Tx, now: Date, staleMs: number, most: number): Promise<T[]>;
}

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
  async run({ outboxId }: JobRun): Promise<void> {
    const errors = [
      ...(await this.askOf('payments', this.payments, (payment) => this.askPayment(payment, outboxId))),
      ...(await this.askOf('refunds', this.refundsStore, (refund) => this.askRefund(refund))),
    ];
    if (errors.length > 0) throw errors[0];
  }

  /** @returns what went wrong, one by one. A question that got no answer is asked again by the next run; a refused one waits. */
  private async askOf<T extends { id: string }>(
    asked: Asked,
    store: Unsettled<T>,
    ask: (row: T) => Promise<void>,
  ): Promise<unknown[]> {
    const errors = new Map<string, unknown>();
    const began = performance.now();
    for (let count = 0; count < mostAsked && performance.now() - began < mostMs; count += batchRows) {
      const rows = await this.db.tx(systemContext, (tx) =>
        store.takeUnsettled(tx, this.clock.now(), this.staleMs, batchRows),
      );
      for (const row of rows) await ask(row).catch((error: unknown) => errors.set(row.id, error));
      if (rows.length < batchRows) break;
    }
    const unanswered = [...errors].flatMap(([id, error]) => (error instanceof Refused ? [] : [id]));
    // Only now: the next batch would be the same.
    await this.db.query(systemContext, unaskedSql(asked), [this.clock.now(), this.staleMs, unanswered]);
    return [...errors.values()];
  }

  private async askRefund({ providerId }: Refund): Promise<void> {
    if (providerId !== null) await this.refunds.confirm(await this.gateway.refundState(providerId));
  }

  private async askPayment(payment: Payment, jobId: string): Promise<void> {
    if (payment.sessionId === null) return;
    const asked = this.gateway.checkout(payment.sessionId);
    const checkout = await answerOrOver(payment, this.clock.now(), asked);
    await this.settlement.apply(await this.endOverdue(payment, checkout), { trigger: 'reconciler', jobId });
  }

  /** A page whose time is over by our clock must not be paid any more, whatever the provider's clock says. */
  private async endOverdue(payment: Payment, checkout: Checkout): Promise<Checkout> {
    const overdue = checkout.status === 'open' && payment.expiresAt < this.clock.now();
    return overdue ? this.gateway.expireCheckout(checkout.sessionId) : checkout;
  }
}
