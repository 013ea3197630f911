/** The words of this module, for its tables, its policies and its documentation. */
export const channels = ['email', 'sms'] as const;
export type Channel = (typeof channels)[number];

export const notificationStatuses = ['pending', 'sent', 'delivered', 'failed', 'suppressed'] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];

/** What a patient is told about an order. */
export const messageEvents = [
  'enrollment_started',
  'enrollment_link_renewed',
  'card_check_link_created',
  'enrollment_reminder',
  'enrollment_code_requested',
  'payment_link_created',
  'payment_link_renewed',
  'payment_reminder',
  'ready_for_pickup',
  'shipping_label_generated',
  'out_for_delivery',
  'delivered',
  'picked_up',
  'cancelled',
  'undelivered',
] as const;
export type MessageEvent = (typeof messageEvents)[number];

/** Of these the patient has the link already. */
export type ReminderEvent = Extract<MessageEvent, 'enrollment_reminder' | 'payment_reminder'>;

/** What is told about a ticket. */
export const ticketEvents = ['message_posted', 'ticket_escalated', 'ticket_sent', 'support_requested'] as const;
export type TicketEvent = (typeof ticketEvents)[number];

export const notificationEvents = [...messageEvents, ...ticketEvents] as const;
export type NotificationEvent = (typeof notificationEvents)[number];

/** Patients are written to under their brand; people of the other two by the address they sign in with. */
export const recipientKinds = ['patient', 'ops', 'pharmacy'] as const;
export type RecipientKind = (typeof recipientKinds)[number];

export const suppressionReasons = [
  'no_address',
  'not_e164',
  'unreachable',
  'opted_out',
  'capped',
  'vendor_off',
  'superseded',
  'read',
  'expired',
  'reminders_suppressed',
] as const;
export type SuppressionReason = (typeof suppressionReasons)[number];

export type AttemptOutcome = 'sent' | 'refused' | 'unanswered' | 'off';

/** `all`: the person said so. `unreachable`: no message can arrive there. */
export type OptOutCategory = 'all' | 'unreachable';
