import { maskedAddress } from './address.policy.js';
import { keywordOf } from './keywords.policy.js';
import { dedupeKeyOf, isStillTrue, messageOf } from './message-rules.policy.js';
import { nextDaytime, zonesOf } from './quiet-hours.policy.js';
import { isSmsStatus, rankOf, statusAfter } from './sms-status.policy.js';

describe('message rules', () => {
  it('tells of a parcel once, of each link and code by itself', () => {
    expect(dedupeKeyOf('delivered', 'p', 'sms', 'a')).toBe(dedupeKeyOf('delivered', 'p', 'sms', 'b'));
    expect(dedupeKeyOf('payment_link_created', 'p', 'sms', 'a')).not.toBe(
      dedupeKeyOf('payment_link_created', 'p', 'sms', 'b'),
    );
    expect(dedupeKeyOf('delivered', 'p', 'sms', 'a')).not.toBe(dedupeKeyOf('delivered', 'p', 'email', 'a'));
  });

  it('makes a message of tracking news only on the day of delivery', () => {
    expect(messageOf('tracking_updated', 'in_transit')).toBeUndefined();
    expect(messageOf('tracking_updated', 'out_for_delivery')).toBe('out_for_delivery');
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
    const [chicago] = [zonesOf('IL', 'America/New_York')];
    expect(nextDaytime(new Date('2026-11-21T05:00:00Z'), chicago).toISOString()).toBe('2026-11-21T14:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-21T18:00:00Z'), chicago).toISOString()).toBe('2026-11-21T18:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-22T03:00:00Z'), chicago).toISOString()).toBe('2026-11-22T14:00:00.000Z');
  });

  it('takes the daytime common to both zones of a state', () => {
    const florida = zonesOf('FL', 'America/New_York');
    // 08:30 in Miami is 07:30 in Pensacola; 20:30 in Pensacola is 21:30 in Miami.
    expect(nextDaytime(new Date('2026-11-21T13:30:00Z'), florida).toISOString()).toBe('2026-11-21T14:00:00.000Z');
    expect(nextDaytime(new Date('2026-11-22T02:30:00Z'), florida).toISOString()).toBe('2026-11-22T14:00:00.000Z');
  });

  it('follows the clock change: eight is eight on both sides of it', () => {
    const newYork = zonesOf('NY', 'UTC');
    expect(nextDaytime(new Date('2026-03-07T09:00:00Z'), newYork).toISOString()).toBe('2026-03-07T13:00:00.000Z');
    expect(nextDaytime(new Date('2026-03-08T09:00:00Z'), newYork).toISOString()).toBe('2026-03-08T12:00:00.000Z');
  });

  it('uses the zone of the organization for addresses without a state', () => {
    expect(zonesOf(undefined, 'America/Denver')).toEqual(['America/Denver']);
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
});

describe('answers of people', () => {
  it.each([
    'STOP',
    'stop.',
    'Stop please',
    'opt out',
    'REVOKE',
    'please cancel',
    'No más!',
    'Don’t text me',
    'alto por favor',
  ])('takes "%s" as revocation', (body) => {
    expect(keywordOf(body)).toBe('stop');
  });

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
