import { Module } from '@nestjs/common';
import { PrescriptionsModule } from '../prescriptions/index.js';
import { TicketsModule } from '../tickets/index.js';
import { WebhooksModule } from '../webhooks/index.js';
import { Disputes } from './disputes.service.js';
import { DisputesStore } from './disputes.store.js';
import { PaymentGateway } from './gateways/payment-gateway.port.js';
import { StripeGateway } from './gateways/stripe.gateway.js';
import { InvoicesController } from './invoices.controller.js';
import { Invoices } from './invoices.service.js';
import { InvoicesStore } from './invoices.store.js';
import { MisfitMoney } from './misfit-money.service.js';
import { PaymentLinks } from './payment-links.service.js';
import { PaymentPagesController } from './payment-pages.controller.js';
import { PaymentsCompensations } from './payments.compensations.js';
import { PaymentsController } from './payments.controller.js';
import { PaymentsReconciler } from './payments.reconciler.js';
import { Payments } from './payments.service.js';
import { PaymentsStore } from './payments.store.js';
import { PaymentsTimeline } from './payments.timeline.js';
import { PaymentsWaiting } from './payments.waiting.js';
import { PaymentsWorker } from './payments.worker.js';
import { Refunds } from './refunds.service.js';
import { RefundsStore } from './refunds.store.js';
import { Settlement } from './settlement.service.js';
import { StripeSource } from './stripe-source.js';
import { StripeWebhookController } from './stripe-webhook.controller.js';
import { StripeWebhook } from './stripe-webhook.service.js';

@Module({
  imports: [PrescriptionsModule, TicketsModule, WebhooksModule],
  controllers: [InvoicesController, PaymentPagesController, PaymentsController, StripeWebhookController],
  providers: [
    { provide: PaymentGateway, useClass: StripeGateway },
    Disputes,
    DisputesStore,
    Invoices,
    InvoicesStore,
    MisfitMoney,
    PaymentLinks,
    Payments,
    PaymentsCompensations,
    PaymentsReconciler,
    PaymentsStore,
    PaymentsTimeline,
    PaymentsWaiting,
    PaymentsWorker,
    Refunds,
    RefundsStore,
    Settlement,
    StripeSource,
    StripeWebhook,
  ],
  exports: [Payments],
})
export class PaymentsModule {}
