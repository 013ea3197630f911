export { Dispute } from './dispute.entity.js';
export { probeStripe } from './gateways/stripe.probe.js';
export { Invoice, InvoiceCounter } from './invoice.entity.js';
export { Payment } from './payment.entity.js';
export { PaymentsModule } from './payments.module.js';
export { Payments } from './payments.service.js';
export { Refund } from './refund.entity.js';
