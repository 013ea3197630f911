import { maskedAddress } from './address.policy.js';
import { keywordOf } from './keywords.policy.js';
import { dedupeKeyOf, isStillTrue, messageOf } from './message-rules.policy.js';
import { nextDaytime, zonesOf } from './quiet-hours.policy.js';
import { isSmsStatus, rankOf, statusAfter } from './sms-status.policy.js';
import { freshForMsOf, gatherMs, needsNotice, noticeDueAt, type FormerNotice } from './ticket-notices.policy.js';

describe('message rules', () => {
  it('tells of a parcel once, of each link and code by itself', () => {
    expect(dedupeKeyOf('delivered', 'p', 'sms', 'a')).toBe(dedupeKeyOf('delivered', 'p', 'sms', 'b'));
    expect(dedupeKeyOf('payment_link_created', 'p', 'sms', 'a')).not.toBe(
      dedupeKeyOf('payment_link_created', 'p', 'sms', 'b'),
    );
    expect(dedupeKeyOf('delivered', 'p', 'sms', 'a')).not.toBe(dedupeKeyOf('delivered', 'p', 'email', 'a'));
  });

  it('makes a message of tracking news only on the day of delivery, of the pharmacy’s only when it is ready', () => {
    expect(messageOf('tracking_updated', 'in_transit')).toBeUndefined();
    expect(messageOf('tracking_updated', 'out_for_delivery')).toBe('out_for_delivery');
    expect(messageOf('pharmacy_status_changed', 'processing')).toBeUndefined();
    expect(messageOf('pharmacy_status_changed', 'ready_for_pickup')).toBe('ready_for_pickup');
    expect(messageOf('delivered', 'delivered')).toBe('delivered');
    expect(messageOf('prescription_validated', 'validated')).toBeUndefined();
  });

  it('holds a payment link back once it is paid', () => {
    expect(isStillTrue('payment_link_created', 'awaiting_payment')).toBe(true);
    expect(isStillTrue('payment_link_created', 'paid')).toBe(false);
  });
});

describe('quiet hours', () => {
  it('waits for eight in the morning at the recipient, and passes by day', () => {
    const chicago = zonesOf(['IL'], 'America/New_York');
    expect(nextDaytime(new Date('2026-11-21T05:00:00Z'), chicago).toISOString()).toBe('2026-11-21T14:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-21T18:00:00Z'), chicago).toISOString()).toBe('2026-11-21T18:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-22T03:00:00Z'), chicago).toISOString()).toBe('2026-11-22T14:00:00.000Z');
  });

  it('takes the daytime common to both zones of a state', () => {
    const florida = zonesOf(['FL'], 'America/New_York');
    // 08:30 in Miami is 07:30 in Pensacola; 20:30 in Pensacola is 21:30 in Miami.
    expect(nextDaytime(new Date('2026-11-21T13:30:00Z'), florida).toISOString()).toBe('2026-11-21T14:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-22T02:30:00Z'), florida).toISOString()).toBe('2026-11-22T14:00:00.000Z');
  });

  it('follows the clock change: eight is eight on both sides of it', () => {
    const newYork = zonesOf(['NY'], 'UTC');
    expect(nextDaytime(new Date('2026-03-07T09:00:00Z'), newYork).toISOString()).toBe('2026-03-07T13:00:00.000Z');
    expect(nextDaytime(new Date('2026-03-08T09:00:00Z'), newYork).toISOString()).toBe('2026-03-08T12:00:00.000Z');
  });

  it('uses the zone of the organization for addresses without a state', () => {
    expect(zonesOf([undefined], 'America/Denver')).toEqual(['America/Denver']);
  });

  it('takes the daytime common to all places where the recipient may be', () => {
    const zones = zonesOf(['HI', undefined, 'NY', 'NY'], 'UTC');
    expect(zones).toEqual(['Pacific/Honolulu', 'America/New_York']);
    // 08:00 in New York is 03:00 in Honolulu; 15:00 in Honolulu is 20:00 in New York.
    expect(nextDaytime(new Date('2026-11-21T13:00:00Z'), zones).toISOString()).toBe('2026-11-21T18:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-22T01:00:00Z'), zones).toISOString()).toBe('2026-11-22T01:00:00.000Z');
  });

  it('takes the daytime of the likeliest place where they share none', () => {
    const zones = ['Etc/GMT+10', 'Etc/GMT+1', 'Etc/GMT-7'];
    expect(nextDaytime(new Date('2026-11-21T12:00:00Z'), zones).toISOString()).toBe('2026-11-21T18:00:00.000Z');
  });
});

describe('status reports', () => {
  it('never go back, whatever order they come in', () => {
    expect(statusAfter('sent', 'delivered')).toBe('delivered');
    expect(statusAfter('delivered', 'sent')).toBeUndefined();
    expect(statusAfter('delivered', 'failed')).toBeUndefined();
    expect(statusAfter('failed', 'delivered')).toBeUndefined();
    expect(statusAfter('sent', 'undelivered')).toBe('failed');
    expect(rankOf('sent')).toBeLessThan(rankOf('delivered'));
    expect(isSmsStatus('read')).toBe(false);
  });

  it('say nothing of a message that is still to go out', () => {
    expect(statusAfter('pending', 'delivered')).toBeUndefined();
    expect(statusAfter('pending', 'undelivered')).toBeUndefined();
  });
});

describe('answers of people', () => {
  it.each(['STOP', 'stop.', 'StopAll', 'UNSUBSCRIBE', 'Cancel', 'END', 'quit', 'REVOKE', 'optout'])(
    'takes "%s" as Twilio does, as the keyword STOP',
    (body) => {
      expect(keywordOf(body)).toBe('stop');
    },
  );

  it('takes START, HELP and anything else for what they are', () => {
    expect(keywordOf('Start')).toBe('start');
    expect(keywordOf('HELP')).toBe('help');
    expect(keywordOf('when does it stop raining')).toBeUndefined();
  });
});

describe('masked addresses', () => {
  it('are recognised by who knows them and useless to others', () => {
    expect(maskedAddress('sms', '+12025550143')).toBe('•••0143');
    expect(maskedAddress('email', 'alex@example.com')).toBe('a•••@example.com');
  });
});

describe('notices of a thread', () => {
  const now = new Date('2026-11-23T17:00:00Z');
  const former = (change: Partial<FormerNotice>): FormerNotice => ({
    seq: 4,
    at: new Date(now.getTime() - 60_000),
    isPending: false,
    isSent: false,
    isInVain: false,
    ...change,
  });

  it.each([
    ['nobody was told before', undefined, 0, true],
    ['a notice is about to be sent', former({ isPending: true }), 0, false],
    ['a notice is about to be sent, also when its first message was read', former({ isPending: true }), 4, false],
    ['what was told is unread', former({ isSent: true }), 3, false],
    [
      'what was told is unread for two days',
      former({ isSent: true, at: new Date(now.getTime() - 48 * 3_600_000) }),
      3,
      true,
    ],
    ['what was told is read', former({ isSent: true }), 4, true],
    ['the notice was held back because all was read', former({}), 4, true],
    ['nobody could be reached a minute ago', former({ isInVain: true }), 0, false],
    ['nobody could be reached a while ago', former({ isInVain: true, at: new Date(0) }), 0, true],
  ])('are written or not when %s', (_when, before, readSeq, expected) => {
    expect(needsNotice({ readSeq, former: before }, now)).toBe(expected);
  });

  it('leave time to read, and keep their distance', () => {
    expect(noticeDueAt(now, undefined, 60_000).getTime() - now.getTime()).toBe(60_000);
    expect(noticeDueAt(now, former({}), 60_000).getTime() - now.getTime()).toBe(gatherMs - 60_000);
    expect(noticeDueAt(now, former({ at: new Date(0) }), 60_000).getTime() - now.getTime()).toBe(60_000);
  });

  it('are worth sending for days, as every message has its time', () => {
    expect(freshForMsOf('ticket_escalated')).toBe(24 * 3_600_000);
    expect(freshForMsOf('enrollment_code_requested')).toBe(600_000);
  });
});
