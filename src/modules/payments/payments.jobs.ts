import { defineJob } from '../../platform/jobs/index.js';

/** Makes the invoice and the first payment link, or settles at once when nothing is owed. */
export const requestPayment = defineJob<{ prescriptionId: string }>({
  name: 'payments.request',
  queue: 'stripe',
  retry: 'vendor',
  on: ['payment_link_required'],
});

/** Opens a further link, after the older ones are closed. */
export const renewPayment = defineJob<{ paymentId: string }>({
  name: 'payments.renew',
  queue: 'stripe',
  retry: 'vendor',
});

/** Closes a link at the provider, for an invoice that no longer stands. */
export const expirePayment = defineJob<{ paymentId: string }>({
  name: 'payments.expire',
  queue: 'stripe',
  retry: 'vendor',
});

export const sendRefund = defineJob<{ refundId: string }>({
  name: 'payments.refund',
  queue: 'stripe',
  retry: 'vendor',
});

/** Asks operations about money that came in and does not fit. */
export const askAboutMoney = defineJob<{ paymentId: string }>({
  name: 'payments.ask_about_money',
  queue: 'bookkeeping',
  retry: 'step',
});

/** Asks the provider about links and refunds whose webhook never came. */
export const reconcilePayments = defineJob<{ slot: string }>({
  name: 'payments.reconcile',
  queue: 'stripe',
  retry: 'step',
  // Of no prescription in particular.
  owner: 'platform',
});
