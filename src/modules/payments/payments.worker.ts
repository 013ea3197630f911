import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { Handles, Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Schedules } from '../../platform/schedules/index.js';
import { PaymentLinks } from './payment-links.service.js';
import { expirePayment, reconcilePayments, renewPayment, requestPayment, sendRefund } from './payments.jobs.js';
import { PaymentsReconciler } from './payments.reconciler.js';
import { PaymentsStore } from './payments.store.js';
import { Refunds } from './refunds.service.js';

@Injectable()
export class PaymentsWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly schedules: Schedules,
    private readonly links: PaymentLinks,
    private readonly payments: PaymentsStore,
    private readonly refunds: Refunds,
    private readonly reconciler: PaymentsReconciler,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.schedules.add({ job: reconcilePayments, everyMs: this.config.RECONCILE_EVERY_MS });
  }

  @Handles(requestPayment)
  async request({ prescriptionId }: { prescriptionId: string }, run: JobRun): Promise<void> {
    await this.links.request(prescriptionId, run);
  }

  @Handles(renewPayment)
  async renew({ paymentId }: { paymentId: string }, run: JobRun): Promise<void> {
    await this.links.renew(paymentId, run);
  }

  @Handles(expirePayment)
  async expire({ paymentId }: { paymentId: string }, run: JobRun): Promise<void> {
    const payment = await this.db.tx(systemContext, (tx) => this.payments.find(tx, paymentId));
    if (payment === undefined) throw new Unrecoverable('payment.not-found', 'the job names no payment');
    if (payment.status === 'created' || payment.status === 'open') await this.links.expire(payment, run.outboxId);
  }

  @Handles(sendRefund)
  async refund({ refundId }: { refundId: string }): Promise<void> {
    await this.refunds.send(refundId);
  }

  @Handles(reconcilePayments)
  async reconcile(_payload: { slot: string }, run: JobRun): Promise<void> {
    await this.reconciler.run(run);
  }
}
