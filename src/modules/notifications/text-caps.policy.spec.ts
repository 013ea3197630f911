import { cappedReaches, isExempt, nextTextAt } from './text-caps.policy.js';
import type { Reach } from './reach.policy.js';

const day = 24 * 3_600_000;
const monday = new Date('2026-11-23T17:00:00Z');
const after = (days: number) => new Date(monday.getTime() + days * day);

describe('texts to a number whose owner has agreed to none', () => {
  it('are one a day', () => {
    expect(nextTextAt(monday, [])).toEqual(monday);
    expect(nextTextAt(monday, [after(-1)])).toEqual(monday);
    const next = nextTextAt(monday, [after(-0.5)]);
    expect([next > after(0.4), next <= after(0.5)]).toEqual([true, true]);
  });

  it('are three a week', () => {
    const next = nextTextAt(monday, [after(-6), after(-4), after(-2)]);
    expect([next > after(0.9), next <= after(1)]).toEqual([true, true]);
    expect(nextTextAt(monday, [after(-8), after(-4), after(-2)])).toEqual(monday);
  });

  it('leave room for those that wait already', () => {
    const next = nextTextAt(monday, [after(-0.5), after(0.5)]);
    expect([next > after(1.4), next <= after(1.5)]).toEqual([true, true]);
  });

  it('may be asked for by the person, and follow the consent an enrollment takes', () => {
    expect(isExempt('enrollment_code_requested', 'full')).toBe(true);
    expect(isExempt('enrollment_link_renewed', 'full')).toBe(true);
    expect(isExempt('payment_link_created', 'full')).toBe(true);
    expect(isExempt('delivered', 'direct')).toBe(false);
    expect(isExempt('enrollment_reminder', 'full')).toBe(false);
    expect(isExempt('message_posted', undefined)).toBe(false);
  });

  it('are left to the email, wait without one, and are not sent stale', () => {
    const sms: Reach = { channel: 'sms', address: '+12025550143', suppressed: undefined };
    const email = (suppressed: Reach['suppressed']): Reach => ({ channel: 'email', address: undefined, suppressed });
    const reasons = (reaches: Reach[], mayWait: boolean) =>
      cappedReaches(reaches, mayWait).map(({ suppressed }) => suppressed);
    expect(reasons([email(undefined), sms], true)).toEqual([undefined, 'capped']);
    expect(reasons([email('no_address'), sms], true)).toEqual(['no_address', undefined]);
    expect(reasons([email('vendor_off'), sms], false)).toEqual(['vendor_off', 'capped']);
  });
});
