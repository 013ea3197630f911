import type { Channel, NotificationStatus, SuppressionReason } from './notification.words.js';
import { linkRules, unreachedBy, type LinkMessage } from './unreached.policy.js';

const since = new Date('2026-11-20T10:00:00Z');
const rule = linkRules.awaiting_enrollment ?? { events: [], again: '' };
const message = (
  channel: Channel,
  status: NotificationStatus,
  reason: SuppressionReason | null = null,
  minutes = 1,
  event = 'enrollment_started',
): LinkMessage => ({
  event,
  channel,
  status,
  suppressedReason: reason,
  failureCode: status === 'failed' ? 'sms.unreachable' : null,
  createdAt: new Date(since.getTime() + minutes * 60_000),
});

describe('a link that reached nobody', () => {
  it.each([
    ['no usable address', [message('email', 'suppressed', 'no_address'), message('sms', 'suppressed', 'not_e164')]],
    ['STOP and no email', [message('email', 'suppressed', 'no_address'), message('sms', 'suppressed', 'opted_out')]],
    ['a number that is gone', [message('email', 'suppressed', 'no_address'), message('sms', 'failed')]],
  ])('%s', (_, messages) => {
    expect(Object.keys(unreachedBy(rule, messages, since) ?? {})).toEqual(['email', 'sms']);
  });

  it.each([
    ['one channel carried it', [message('email', 'sent'), message('sms', 'suppressed', 'opted_out')]],
    ['it is one text too many', [message('email', 'suppressed', 'no_address'), message('sms', 'suppressed', 'capped')]],
    ['it is on its way', [message('email', 'pending'), message('sms', 'suppressed', 'opted_out')]],
    ['it is not written yet', []],
    ['it was replaced', [message('email', 'suppressed', 'superseded')]],
    [
      'a later link arrived',
      [message('email', 'failed'), message('email', 'sent', null, 9, 'enrollment_link_renewed')],
    ],
    ['only an earlier state had one', [message('email', 'failed', null, -9)]],
  ])('is none when %s', (_, messages) => {
    expect(unreachedBy(rule, messages, since)).toBeUndefined();
  });
});
