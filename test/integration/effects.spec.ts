import { Database, systemContext } from '../../src/platform/db/index.js';
import { Effects, NotTaken, Refused, type EarlierTry } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';

describe('an effect whose answer was lost', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startTestPlatform();
  });
  afterAll(() => platform.stop());

  const nothing = () => Promise.resolve(undefined);
  const fails = (error: Error) => () => Promise.reject(error);
  const refused = new Refused('spec.401', 'the key is wrong');
  const lost = new Error('reset');

  it.each([
    ['stays unknown when the look-up is refused: that says nothing of it', fails(refused), fails(lost), 'unknown'],
    ['is refused when nothing is found and the call is refused', nothing, fails(refused), 'refused'],
    ['stays unknown when nothing is found and the answer is lost again', nothing, fails(lost), 'unknown'],
    ['is what the look-up finds', () => Promise.resolve({ id: 'x' }), fails(lost), 'confirmed'],
  ])('%s', async (_, lookup, call, state) => {
    const effects = platform.get(Effects);
    const key = newId();
    const about = { key, kind: 'spec.thing', requestHash: 'h', aggregateId: newId(), organizationId: newId() };
    await expect(effects.once({ ...about, lookup: nothing, call: fails(lost) })).rejects.toThrow('reset');
    await effects.once({ ...about, lookup, call }).catch(() => undefined);
    expect(await platform.sql('SELECT state FROM effects WHERE key = $1', [key])).toEqual([{ state }]);
  });

  it.each([
    ['unanswered', 'a call without an answer', [lost]],
    ['unanswered', 'a call without an answer after one that was refused', [refused, lost]],
    ['refused', 'a refusal', [refused]],
    ['refused', 'a provider that was not reached', [new NotTaken('spec.unreachable', 1)]],
  ] as const)('is asked about as %s after %s', async (earlier, _, failures) => {
    const effects = platform.get(Effects);
    const about = { key: newId(), kind: 'spec.thing', requestHash: 'h', aggregateId: newId(), organizationId: newId() };
    const told: EarlierTry[] = [];
    const lookup = (ended: EarlierTry) => {
      told.push(ended);
      return nothing();
    };
    for (const failure of failures) {
      await effects.once({ ...about, lookup, call: fails(failure) }).catch(() => undefined);
    }
    await effects.once({ ...about, lookup, call: () => Promise.resolve({ id: 'x' }) });
    expect(told.at(-1)).toBe(earlier);
  });

  it('is asked about as unanswered when the process ended in the middle of a try after a refusal', async () => {
    const effects = platform.get(Effects);
    const key = newId();
    const about = { key, kind: 'spec.thing', requestHash: 'h', aggregateId: newId(), organizationId: newId() };
    await effects.once({ ...about, call: fails(refused) }).catch(() => undefined);
    await new Promise<void>((begun) => {
      void effects.once({
        ...about,
        call: () => {
          begun();
          return new Promise<never>(() => undefined);
        },
      });
    });
    await platform.sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE key = $1`, [key]);
    const told: EarlierTry[] = [];
    const lookup = (ended: EarlierTry) => {
      told.push(ended);
      return nothing();
    };
    await effects.once({ ...about, lookup, call: () => Promise.resolve({ id: 'x' }) });
    expect(told).toEqual(['unanswered']);
  });

  it('is denied by a word that is newer than the last try, and by no older one', async () => {
    const effects = platform.get(Effects);
    const key = newId();
    const about = { key, kind: 'spec.thing', requestHash: 'h', aggregateId: newId(), organizationId: newId() };
    const before = new Date(Date.now() - 1_000);
    await effects.once({ ...about, call: fails(lost) }).catch(() => undefined);
    const stateAfter = async (saidAt: Date) => {
      await platform.get(Database).tx(systemContext, (tx) => effects.deny(tx, key, saidAt));
      return (await platform.sql('SELECT state FROM effects WHERE key = $1', [key]))[0];
    };
    expect(await stateAfter(before)).toEqual({ state: 'unknown' });
    expect(await stateAfter(new Date(Date.now() + 1_000))).toEqual({ state: 'refused' });
  });
});
