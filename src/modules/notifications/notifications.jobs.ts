import { defineJob } from '../../platform/jobs/index.js';
import type { Channel, ReminderEvent } from './notification.words.js';

// Types, not interfaces: payloads must be index-compatible.
export type ComposePayload = {
  prescriptionId: string;
  /** Of `enrollment_code_requested` only, as the channel it was asked for by. */
  codeId?: string;
  channel?: Channel;
};

/** Writes the messages an event leads to and the jobs that send them, in one transaction. */
export const composeJob = defineJob<ComposePayload>({
  name: 'notifications.compose',
  queue: 'bookkeeping',
  retry: 'step',
  on: [
    'enrollment_started',
    'enrollment_link_renewed',
    'card_check_link_created',
    'enrollment_code_requested',
    'payment_link_created',
    'payment_link_renewed',
    'pharmacy_status_changed',
    'shipping_label_generated',
    'tracking_updated',
    'delivered',
  ],
});

export type RemindPayload = {
  prescriptionId: string;
  event: ReminderEvent;
  linkId: string;
  /** How often it was put off. */
  round: number;
};

/** Looks whether a link was followed that was sent a while ago. */
export const remindJob = defineJob<RemindPayload>({
  name: 'notifications.remind',
  queue: 'bookkeeping',
  retry: 'step',
});

/** Tells patient and operations of a message they have not read. */
export const tellOfMessageJob = defineJob<{ messageId: string }>({
  name: 'notifications.tell_of_message',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['message_posted'],
});

/** Tells operations of a ticket that needs them. */
export const tellOperationsJob = defineJob<{ ticketId: string }>({
  name: 'notifications.tell_operations',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['ticket_escalated', 'support_requested'],
});

/** One of them. */
export type TicketPayload = { prescriptionId?: string; ticketId?: string };

/** A ticket is a pharmacy's from `sent` on: as it is sent with its pharmacy, or as a sent one gets it, or another one. */
export const tellPharmacyJob = defineJob<TicketPayload>({
  name: 'notifications.tell_pharmacy',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['prescription_validated', 'pharmacy_selected', 'ticket_sent'],
});

export const sendEmailJob = defineJob<{ notificationId: string }>({
  name: 'notifications.send_email',
  queue: 'email',
  retry: 'letter',
});

export const sendSmsJob = defineJob<{ notificationId: string }>({
  name: 'notifications.send_sms',
  queue: 'sms',
  retry: 'letter',
});

/** Asks for what people wrote, and for reports, whose webhooks never came. */
export const reconcileTextsJob = defineJob<{ slot: string }>({
  name: 'notifications.reconcile_texts',
  queue: 'maintenance',
  retry: 'step',
});

export const sendJobs = { email: sendEmailJob, sms: sendSmsJob } as const;

/** Tells `prescriptions` that the last message is written, or that there is nobody to write to. */
export const deliveryNotifiedEvent = 'delivery_notified';
