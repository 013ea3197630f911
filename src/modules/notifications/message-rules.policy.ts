import type { PrescriptionState } from '../prescriptions/index.js';
import type { Channel, MessageEvent, NotificationEvent } from './notification.words.js';

export interface MessageRule {
  /** What the message links to; the code is typed, not clicked. `arrival`: the tracking link, while the parcel comes today. */
  carries: 'enrollment_link' | 'enrollment_code' | 'payment_link' | 'tracking_link' | 'arrival';
  /** The message is still true in these states; in others it is kept as superseded. Absent: always. */
  states?: readonly PrescriptionState[];
  /**
   * `now`: the patient waits for it or must act on it. `daytime`: SMS waits for 08:00 to 21:00 at the recipient's place (the
   * window of 47 CFR 64.1200(c)(1), kept for everything that is not urgent).
   */
  urgency: 'now' | 'daytime';
  /** Unsent after this long it would be stale. */
  freshForMs: number;
  channels: readonly Channel[];
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const both = ['email', 'sms'] as const;

/** One row per message. Links decide how long it is worth sending: enrollment 72 h, codes 10 minutes. */
export const messageRules: Readonly<Record<MessageEvent, MessageRule>> = {
  enrollment_started: {
    carries: 'enrollment_link',
    states: ['awaiting_enrollment'],
    urgency: 'now',
    freshForMs: 3 * day,
    channels: both,
  },
  // Also sent while a rejected claim asks for another card: the open link itself is the condition.
  enrollment_link_renewed: { carries: 'enrollment_link', urgency: 'now', freshForMs: 3 * day, channels: both },
  card_check_link_created: {
    carries: 'enrollment_link',
    states: ['routing_issue', 'adjudication_issue'],
    urgency: 'now',
    freshForMs: 3 * day,
    channels: both,
  },
  enrollment_reminder: {
    carries: 'enrollment_link',
    states: ['awaiting_enrollment', 'routing_issue', 'adjudication_issue'],
    urgency: 'daytime',
    freshForMs: day,
    channels: both,
  },
  enrollment_code_requested: { carries: 'enrollment_code', urgency: 'now', freshForMs: 10 * minute, channels: both },
  payment_link_created: {
    carries: 'payment_link',
    states: ['awaiting_payment'],
    urgency: 'now',
    freshForMs: day,
    channels: both,
  },
  payment_link_renewed: {
    carries: 'payment_link',
    states: ['awaiting_payment'],
    urgency: 'now',
    freshForMs: day,
    channels: both,
  },
  payment_reminder: {
    carries: 'payment_link',
    states: ['awaiting_payment'],
    urgency: 'daytime',
    freshForMs: 12 * hour,
    channels: both,
  },
  ready_for_pickup: {
    carries: 'tracking_link',
    states: ['ready_for_pickup'],
    urgency: 'daytime',
    freshForMs: 3 * day,
    channels: both,
  },
  shipping_label_generated: {
    carries: 'tracking_link',
    states: ['shipped', 'in_transit', 'out_for_delivery'],
    urgency: 'now',
    freshForMs: 3 * day,
    channels: both,
  },
  out_for_delivery: {
    carries: 'arrival',
    states: ['out_for_delivery'],
    urgency: 'now',
    freshForMs: 12 * hour,
    channels: both,
  },
  delivered: {
    carries: 'tracking_link',
    states: ['delivered', 'completed'],
    urgency: 'now',
    freshForMs: 7 * day,
    channels: both,
  },
  // Whoever came for it may have been somebody else.
  picked_up: {
    carries: 'tracking_link',
    states: ['delivered', 'completed'],
    urgency: 'now',
    freshForMs: 7 * day,
    channels: both,
  },
  cancelled: {
    carries: 'tracking_link',
    states: ['cancelled'],
    urgency: 'daytime',
    freshForMs: 7 * day,
    channels: both,
  },
  undelivered: {
    carries: 'tracking_link',
    states: ['failed', 'returned'],
    urgency: 'daytime',
    freshForMs: 7 * day,
    channels: both,
  },
};

/** What a patient is told once per prescription; of the others there is one per link or code. */
const onceEvents: ReadonlySet<MessageEvent> = new Set([
  'ready_for_pickup',
  'shipping_label_generated',
  'out_for_delivery',
  'delivered',
  'picked_up',
  'cancelled',
  'undelivered',
]);

/** @param occurrence id of the link, code or event the message is about */
export function dedupeKeyOf(event: MessageEvent, prescriptionId: string, channel: Channel, occurrence: string): string {
  return [event, prescriptionId, channel, onceEvents.has(event) ? 'once' : occurrence].join(':');
}

/** Of the steps an event may be about, those a patient is told of: that it comes today, that it is ready. */
const messagesOfSteps: Readonly<Record<string, Readonly<Partial<Record<PrescriptionState, MessageEvent>>>>> = {
  tracking_updated: { out_for_delivery: 'out_for_delivery' },
  pharmacy_status_changed: { ready_for_pickup: 'ready_for_pickup' },
};

/** The message an event of the pipeline leads to. */
export function messageOf(event: string, state: PrescriptionState): MessageEvent | undefined {
  const ofStep = messagesOfSteps[event];
  if (ofStep !== undefined) return ofStep[state];
  return event in messageRules ? (event as MessageEvent) : undefined;
}

export function isAboutOrder(event: NotificationEvent): event is MessageEvent {
  return Object.hasOwn(messageRules, event);
}

export function isStillTrue(event: MessageEvent, state: PrescriptionState): boolean {
  return messageRules[event].states?.includes(state) ?? true;
}
