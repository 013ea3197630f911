import { defineErrors } from '../../platform/errors/index.js';

/** Also the reason of a dead letter; what to do says payments.waiting.ts. */
export const orderExpired = 'payment.order-expired';

export const fail = defineErrors({
  'payment.not-found': {
    status: 404,
    title: 'Nothing is to be paid for this prescription yet, or it is not yours to see.',
  },
  'payment.not-awaited': {
    status: 409,
    title: 'The prescription does not wait for a payment; `state` says where it stands.',
  },
  [orderExpired]: {
    status: 409,
    title: 'The last day on which the order may be filled has passed, so nobody is asked to pay for it any more.',
  },
  'invoice.not-found': { status: 404, title: 'There is no such invoice, or it is not yours to see.' },
  'invoice.not-open': {
    status: 409,
    title: 'Only an invoice that is not paid can be voided; `invoiceStatus` says where it stands.',
  },
  'refund.nothing-paid': { status: 409, title: 'Nothing was paid on this invoice, so nothing can be given back.' },
  'refund.too-large': {
    status: 422,
    title: 'More than what is left of the payment; `refundableCents` says how much that is.',
  },
});
