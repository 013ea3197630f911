import { messageEvents } from './notification.words.js';
import { isReminder, reminderDueAt, reminderOf, reminderRules } from './reminders.policy.js';

const hour = 3_600_000;
const now = new Date('2026-11-23T17:00:00Z');
const after = (hours: number) => new Date(now.getTime() + hours * hour);

describe('reminders', () => {
  it('follow each letter that brings a link the patient must act on, and no other', () => {
    const followed = Object.values(reminderRules).flatMap(({ after: letters }) => letters);
    expect(messageEvents.filter((event) => reminderOf(event) !== undefined)).toEqual(
      messageEvents.filter((event) => followed.includes(event)),
    );
    expect(reminderOf('card_check_link_created')).toBe('enrollment_reminder');
    expect(reminderOf('payment_link_created')).toBe('payment_reminder');
    expect(reminderOf('delivered')).toBeUndefined();
  });

  it('are followed by no other', () => {
    expect(messageEvents.filter((event) => isReminder(event) && reminderOf(event) !== undefined)).toEqual([]);
    expect(isReminder('payment_link_renewed')).toBe(false);
  });

  it('leave at least half of the time the link lives', () => {
    expect(reminderDueAt(now, after(72), 24)).toEqual(after(24));
    expect(reminderDueAt(now, after(72), 48)).toEqual(after(36));
    expect(reminderDueAt(now, after(23), 24)).toEqual(after(11.5));
  });
});
