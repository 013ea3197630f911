import { describe, expect, it } from '@jest/globals';
import type { PrescriptionState } from '../prescriptions/index.js';
import {
  beginningOf,
  cardOf,
  consentLifeMs,
  isActive,
  isGovernment,
  isValidConsent,
  linkStateFor,
  linkStateOf,
  maskedCardholderId,
  staysGovernment,
  withPayerName,
} from './enrollment.policy.js';

const now = new Date('2026-11-21T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

describe('coverage on file', () => {
  it('counts from its beginning until the moment it ends', () => {
    expect(isActive({ activeFrom: now, endedAt: null }, now)).toBe(true);
    expect(isActive({ activeFrom: ago(-1), endedAt: null }, now)).toBe(false);
    expect(isActive({ activeFrom: ago(9), endedAt: ago(-1) }, now)).toBe(true);
    expect(isActive({ activeFrom: ago(9), endedAt: now }, now)).toBe(false);
  });
});

describe('consent on file', () => {
  it('counts for 365 days and for its own text only', () => {
    const given = (acceptedAt: Date) => ({ textVersion: 'a', acceptedAt });
    expect(isValidConsent(given(ago(consentLifeMs)), 'a', now)).toBe(true);
    expect(isValidConsent(given(ago(consentLifeMs + 1)), 'a', now)).toBe(false);
    expect(isValidConsent(given(now), 'b', now)).toBe(false);
  });
});

describe('the beginning', () => {
  const facts = { path: 'full', hasCoverage: true, hasConsent: true, autoEnrollment: true } as const;
  it.each([
    [facts, 'skip'],
    [{ ...facts, hasCoverage: false }, 'send-link'],
    [{ ...facts, hasConsent: false }, 'send-link'],
    [{ ...facts, hasConsent: false, autoEnrollment: false }, 'wait-for-ops'],
    [{ ...facts, autoEnrollment: false }, 'skip'],
    [{ ...facts, path: 'cash', hasCoverage: false }, 'skip'],
    [{ ...facts, path: 'cash', hasConsent: false }, 'send-link'],
    [{ ...facts, path: 'direct', hasConsent: false }, 'leave'],
  ] as const)('of %j is %s', (given, expected) => {
    expect(beginningOf(given)).toBe(expected);
  });
});

describe('a link', () => {
  const ours = (state: PrescriptionState) => ({ state, patientId: 'p' });
  const link = { patientId: 'p', expiresAt: ago(-1), revokedAt: null, usedAt: null, lockedAt: null };
  it.each([
    [link, 'open'],
    [{ ...link, expiresAt: now }, 'expired'],
    [{ ...link, revokedAt: now }, 'revoked'],
    [{ ...link, revokedAt: now, lockedAt: now }, 'locked'],
    [{ ...link, expiresAt: now, usedAt: now }, 'used'],
  ] as const)('%j is %s', (given, expected) => {
    expect(linkStateOf(given, now)).toBe(expected);
    expect(linkStateFor(given, ours('awaiting_enrollment'), now)).toBe(expected);
  });

  it('that was revoked names a newer one while the enrollment is open, and asks for nothing afterwards', () => {
    const revoked = { ...link, revokedAt: now };
    expect(linkStateFor(revoked, ours('adjudication_issue'), now)).toBe('revoked');
    expect(linkStateFor(revoked, ours('awaiting_routing'), now)).toBe('used');
    expect(linkStateFor({ ...revoked, lockedAt: now }, ours('awaiting_routing'), now)).toBe('locked');
  });

  it.each([
    [link, 'withdrawn'],
    [{ ...link, revokedAt: now }, 'withdrawn'],
    [{ ...link, revokedAt: now, lockedAt: now }, 'withdrawn'],
    [{ ...link, usedAt: now }, 'used'],
  ] as const)('%j of a cancelled order is %s', (given, expected) => {
    expect(linkStateFor(given, ours('cancelled'), now)).toBe(expected);
  });

  it.each(['q', null])('is withdrawn when the order is of %p, and not of whom it was sent to', (patientId) => {
    const order = { state: 'validated', patientId } as const;
    expect(linkStateFor(link, order, now)).toBe('withdrawn');
    expect(linkStateFor({ ...link, usedAt: now }, order, now)).toBe('used');
  });
});

describe('a card', () => {
  it('of the prescriber counts with a BIN of six digits and a cardholder id, the cardholder being the patient by default', () => {
    expect(cardOf({ bin: '610011', cardholderId: 'A1' })).toEqual({
      bin: '610011',
      cardholderId: 'A1',
      relationship: '1',
    });
    expect(cardOf({ bin: '61001', cardholderId: 'A1' })).toBeUndefined();
    expect(cardOf({ bin: '610011', cardholderId: '' })).toBeUndefined();
    expect(cardOf(undefined)).toBeUndefined();
    const onFile = { bin: '610011', cardholderId: 'A1', id: 'x', kind: 'insurance', government: true };
    expect(Object.keys(cardOf(onFile) ?? {}).sort()).toEqual(['bin', 'cardholderId', 'relationship']);
  });

  it.each([
    [{ payerName: 'Texas Medicaid' }, false, true],
    [{ pcn: 'MEDDPRIME' }, false, true],
    [{ payerName: 'TRICARE East' }, false, true],
    [{ payerName: 'Acme Health' }, true, true],
    [{ payerName: 'Acme Health', pcn: 'DEMO' }, false, false],
  ])('%j declared %s is government coverage: %s', (card, declared, expected) => {
    expect(isGovernment(card, declared)).toBe(expected);
  });

  it.each([
    [{}, true, true],
    [{ government: false }, true, true],
    [{ government: false, hasSeenYes: true }, true, false],
    [{ hasSeenYes: true }, true, true],
    [{ government: true }, false, true],
    [{ hasSeenYes: true }, false, false],
  ])('of which is said %j, and that was governmental before: %s, is now: %s', (said, before, expected) => {
    expect(staysGovernment({ pcn: '4336' }, said, before)).toBe(expected);
    expect(staysGovernment({ payerName: 'Texas Medicaid' }, said, before)).toBe(true);
  });

  it('keeps the name of its payer, but what was written on it now counts more', () => {
    const card = { bin: '610084', cardholderId: 'A1', relationship: '1' } as const;
    const known = { ...card, pcn: '4336', payerName: 'Texas Medicaid' };
    expect(withPayerName({ ...card, pcn: '4337' }, known)).toEqual({ ...known, pcn: '4337' });
    expect(withPayerName({ ...card, payerName: 'Acme' }, known)).toEqual({ ...card, payerName: 'Acme' });
    expect(withPayerName({ ...card, cardholderId: 'B2' }, known)).not.toHaveProperty('payerName');
    expect(withPayerName(card, undefined)).toEqual(card);
  });

  it('shows operations its last four characters, and nothing of a short number', () => {
    expect(maskedCardholderId('ABC123456')).toBe('•••• 3456');
    expect(maskedCardholderId('123456')).toBe('••••');
  });
});
