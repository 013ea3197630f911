import { isE164, nationalPhone, normalizePhone } from './phone.js';

describe('phone numbers', () => {
  it.each(['(512) 555-0100', '512.555.0100', '1-512-555-0100', '+15125550100'])('brings %s to E.164', (text) => {
    expect(normalizePhone(text)).toEqual({ kind: 'ok', e164: '+15125550100' });
  });

  it('keeps an extension apart', () => {
    expect(normalizePhone('512-555-0100 ext. 12')).toEqual({ kind: 'ok', e164: '+15125550100', extension: '12' });
  });

  it('tells an impossible number from no number at all', () => {
    expect(normalizePhone('+1234567890')).toEqual({ kind: 'invalid', reason: 'impossible' });
    expect(normalizePhone('call me')).toEqual({ kind: 'invalid', reason: 'unreadable' });
  });

  it('writes a number as a US form shows it, and leaves out what no such form can hold', () => {
    for (const text of ['+15125550100', '512-555-0100 ext. 12']) expect(nationalPhone(text)).toBe('(512) 555-0100');
    for (const text of ['+442079460000', '+1234567890', 'call me']) expect(nationalPhone(text)).toBeUndefined();
  });

  it('recognises only numbers already written in E.164', () => {
    expect(isE164('+15125550100')).toBe(true);
    expect(isE164('5125550100')).toBe(false);
    expect(isE164('+1234567890')).toBe(false);
  });
});
