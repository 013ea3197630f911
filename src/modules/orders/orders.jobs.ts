import { defineJob } from '../../platform/jobs/index.js';

/**
 * Lets an order follow the prescription that was written for it, and finds the order once the patient is known. Organizations
 * without orders are not listened to.
 */
export const followJob = defineJob<{ prescriptionId: string }>({
  name: 'orders.follow',
  queue: 'bookkeeping',
  retry: 'step',
  on: [
    'prescription_validated',
    'prescription_validation_failed',
    'sent_to_pharmacy',
    'pharmacy_status_changed',
    'shipping_label_generated',
    'tracking_updated',
    'delivered',
    'cancelled',
    'failed',
    'returned',
    'payment_refunded',
    'payment_refund_failed',
  ].map((event) => ({ event, onRequest: true })),
});
