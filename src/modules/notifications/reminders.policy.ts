import type { MessageEvent, NotificationEvent, ReminderEvent } from './notification.words.js';

const hour = 3_600_000;

interface ReminderRule {
  /** The letters that brought the link. */
  after: readonly MessageEvent[];
  /** While the patient's reminders are suppressed. */
  askAgainMs: number;
}

/** A payment page lives less than a day, so it is asked about more often. */
export const reminderRules: Readonly<Record<ReminderEvent, ReminderRule>> = {
  enrollment_reminder: {
    after: ['enrollment_started', 'enrollment_link_renewed', 'card_check_link_created'],
    askAgainMs: 24 * hour,
  },
  payment_reminder: { after: ['payment_link_created', 'payment_link_renewed'], askAgainMs: 3 * hour },
};

const reminderEvents = Object.keys(reminderRules) as ReminderEvent[];

export function isReminder(event: NotificationEvent): event is ReminderEvent {
  return Object.hasOwn(reminderRules, event);
}

export function reminderOf(letter: MessageEvent): ReminderEvent | undefined {
  return reminderEvents.find((event) => reminderRules[event].after.includes(letter));
}

/** The patient must have time left to follow the link: half of it. */
export function reminderDueAt(now: Date, expiresAt: Date, afterHours: number): Date {
  const halfMs = (expiresAt.getTime() - now.getTime()) / 2;
  return new Date(now.getTime() + Math.min(afterHours * hour, halfMs));
}
