import { auditFindings } from './audit.check.js';
import { databaseFindings, pendingFinding } from './database.check.js';
import { failureFinding, phonesFinding } from './data.check.js';
import { checked, exitCodeOf, problemCode, renderFindings, summaryOf, type Finding } from './finding.js';
import { publicUrlFindings } from './public-url.check.js';
import { redisFindings } from './queue.check.js';
import { sendersFinding } from './senders.check.js';
import { vendorFinding } from './vendors.check.js';

const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);
const sound = {
  versionNumber: 180004,
  version: '18.4',
  role: 'app',
  superuser: false,
  bypassesRowSecurity: false,
  owns: 0,
};

describe('doctor', () => {
  it('ends with 1 only when something needed is broken, and counts what it saw', () => {
    const note: Finding = { area: 'a', level: 'note', found: 'off' };
    const warn: Finding = { area: 'b', level: 'warn', found: 'late', next: 'look' };
    const broken: Finding = { area: 'c', level: 'broken', found: 'down', next: 'start it' };
    expect(exitCodeOf([note, warn])).toBe(0);
    expect(exitCodeOf([note, warn, broken])).toBe(1);
    expect(summaryOf([warn, broken])).toBe('1 thing(s) are broken, 1 should be looked at.');
    expect(renderFindings([broken])).toMatch(/c.*BROKEN.*down.*start it/);
  });

  it('refuses a database that is too old or a role that may too much', () => {
    expect(levels(databaseFindings(sound, 'external'))).toEqual(['ok']);
    const bad = { ...sound, versionNumber: 140012, superuser: true, bypassesRowSecurity: true, owns: 3 };
    expect(levels(databaseFindings(bad, 'external'))).toEqual(['broken', 'broken', 'broken', 'broken']);
    expect(pendingFinding(['CreateX1'])).toMatchObject({ level: 'broken', next: 'Run: npm run migrate' });
  });

  it('wants a Redis that neither evicts nor forgets', () => {
    expect(levels(redisFindings({ maxmemoryPolicy: 'noeviction', appendonly: 'yes' }))).toEqual(['ok', 'ok']);
    expect(levels(redisFindings({ maxmemoryPolicy: 'allkeys-lru', appendonly: undefined }))).toEqual(['warn', 'note']);
  });

  it('says which vendor is off and how to switch it on, and which one is real', () => {
    const dev = { NODE_ENV: 'development' } as const;
    const production = { NODE_ENV: 'production' } as const;
    expect(
      vendorFinding(dev, { name: 'twilio', mode: 'off', missing: ['TWILIO_AUTH_TOKEN'] }, undefined),
    ).toMatchObject({
      level: 'note',
      next: 'To switch it on, set TWILIO_AUTH_TOKEN.',
    });
    expect(vendorFinding(dev, { name: 'stripe', mode: 'test' }, '401')).toMatchObject({ level: 'broken' });
    expect(vendorFinding(dev, { name: 'lifefile', mode: 'on' }, 'lifefile.foreign-answer')).toMatchObject({
      level: 'broken',
      next: expect.stringContaining('LIFEFILE_API_URL') as unknown,
    });
    expect(vendorFinding(dev, { name: 'stripe', mode: 'test' }, undefined)).toMatchObject({ level: 'ok' });
    expect(vendorFinding(dev, { name: 'stripe', mode: 'live' }, undefined)).toMatchObject({ level: 'warn' });
    expect(vendorFinding(production, { name: 'stripe', mode: 'sandbox' }, undefined)).toMatchObject({ level: 'warn' });
  });

  it('wants https, except on this machine', () => {
    const found = (address: string | undefined, proxies?: string) =>
      levels(publicUrlFindings({ PUBLIC_URL: address, TRUSTED_PROXIES: proxies }));
    expect(found(undefined)).toEqual(['warn']);
    expect(found('http://127.0.0.1:3000')).toEqual(['note']);
    expect(found('http://care.example.com')).toEqual(['broken']);
    expect(found('https://care.example.com')).toEqual(['ok', 'warn']);
    expect(found('https://care.example.com', '10.0.0.5')).toEqual(['ok']);
  });

  it('names patients by id only, and a few of many', () => {
    const ids = ['id-1', 'id-2', 'id-3', 'id-4', 'id-5', 'id-6', 'id-7'];
    expect(phonesFinding(9, ids)).toMatchObject({
      level: 'warn',
      found: '7 of 9 patient(s) have a phone that is not E.164',
      next: 'They get email only. Correct the phone of id-1, id-2, id-3, id-4, id-5 and 2 more.',
    });
    expect(phonesFinding(9, [])).toMatchObject({ level: 'ok' });
  });

  it('names the pharmacies USPS would print no label for', () => {
    const numbers = [
      { id: 'own', phone: '(512) 555-0199', supportPhone: null },
      { id: 'org', phone: null, supportPhone: '1-800-SUPPORT' },
    ];
    const without = { id: 'none', phone: 'ask', supportPhone: null };
    expect(sendersFinding(numbers, 'see our page')).toMatchObject({ level: 'ok' });
    expect(sendersFinding([...numbers, without], 'see our page')).toMatchObject({
      level: 'warn',
      found: '1 of 3 pharmacies have no phone, nor a help line that is a number',
      next: 'USPS prints no label for them. Set SUPPORT_PHONE to a number, or the phone of none.',
    });
    const words = { ...without, supportPhone: 'help.cedar.example' };
    expect(sendersFinding([without, words], '1-800-555-0100')).toMatchObject({ level: 'ok' });
  });

  it('says whether the audit trail is sealed, and what was sealed', () => {
    expect(levels(auditFindings([], { entries: 0, oldest: null }))).toEqual(['ok']);
    const bad = { organizationId: null, seq: 7, id: null, fault: 'missing', foundBy: 'chain', provenUpTo: 4 } as const;
    expect(auditFindings([bad], { entries: 2, oldest: new Date() })).toMatchObject([
      { level: 'broken', found: 'organization none, seq 7: missing' },
      { level: 'warn', found: '2 entries not sealed for over a minute' },
    ]);
  });

  it('groups failures by what and why, with the way to mend them', () => {
    const oldest = new Date('2026-11-20T10:00:00Z');
    expect(
      failureFinding({
        kind: 'dead letter',
        what: 'notifications.send_sms',
        reason: 'vendor.off',
        items: 3,
        oldest,
        isNobodys: false,
      }),
    ).toMatchObject({
      found: '3 × dead letter: notifications.send_sms, vendor.off; oldest 2026-11-20T10:00:00.000Z',
      next: expect.stringMatching(/^Set the credentials.*redrive/) as unknown,
    });
  });

  it('makes a finding of a check that itself fails, by code only', async () => {
    const failing = () => Promise.reject(Object.assign(new Error('password of alex'), { code: 'ECONNREFUSED' }));
    expect(await checked('queue', 'start it', failing)).toEqual([
      { area: 'queue', level: 'broken', found: 'failed: ECONNREFUSED', next: 'start it' },
    ]);
    expect(problemCode(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ENOTFOUND' } }))).toBe(
      'ENOTFOUND',
    );
  });
});
