import { Database, systemContext } from '../../src/platform/db/index.js';
import { Effects, NotTaken, Refused, Unanswered, type EarlierTry } from '../../src/platform/effects/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { TryLater } from '../../src/platform/jobs/index.js';
import { Backlog } from '../../src/platform/metrics/backlog.js';
import { Metrics } from '../../src/platform/metrics/metrics.js';
import { startTestPlatform, type TestPlatform } from '../support/platform.js';

const holdMs = 45_000;

describe('an effect whose answer was lost', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startTestPlatform({ providers: [Metrics, Backlog], env: { EFFECT_HOLD_MS: String(holdMs) } });
  });
  afterAll(() => platform.stop());

  const nothing = () => Promise.resolve(undefined);
  const fails = (error: Error) => () => Promise.reject(error);
  const refused = new Refused('spec.401', 'the key is wrong');
  const lost = new Error('reset');
  const effects = () => platform.get(Effects);
  const about = () => ({
    key: newId(),
    kind: 'spec.thing',
    requestHash: 'h',
    aggregateId: newId(),
    organizationId: newId(),
  });
  const holdEnds = (key: string) =>
    platform.sql(`UPDATE effects SET held_until = now() - interval '1 s' WHERE key = $1`, [key]);
  const stateOf = (key: string) => platform.sql('SELECT state FROM effects WHERE key = $1', [key]);

  it.each([
    ['stays unknown when the look-up is refused: that says nothing of it', fails(refused), fails(lost), 'unknown'],
    ['is refused when nothing is found and the call is refused', nothing, fails(refused), 'refused'],
    ['stays unknown when nothing is found and the answer is lost again', nothing, fails(lost), 'unknown'],
    ['is what the look-up finds', () => Promise.resolve({ id: 'x' }), fails(lost), 'confirmed'],
  ])('%s', async (_, lookup, call, state) => {
    const spec = about();
    await expect(effects().once({ ...spec, lookup: nothing, call: fails(lost) })).rejects.toThrow('reset');
    await holdEnds(spec.key);
    await effects()
      .once({ ...spec, lookup, call })
      .catch(() => undefined);
    expect(await stateOf(spec.key)).toEqual([{ state }]);
  });

  it.each([
    ['nobody vouches for the end of the call', lost],
    ['the call may go on at the provider', new Unanswered('spec.timeout', 'timed out', false)],
  ])('is not asked about before the call has surely ended, when %s', async (_, error) => {
    const spec = about();
    let asked = 0;
    const ask = () => {
      asked += 1;
      return Promise.reject(error);
    };
    const once = () => effects().once({ ...spec, lookup: nothing, call: ask });
    await expect(once()).rejects.toBe(error);
    const held: unknown = await once().catch((later: unknown) => later);
    expect(held).toBeInstanceOf(TryLater);
    // One wait, and not many small ones.
    expect((held as TryLater).afterMs).toBeGreaterThan(holdMs / 2);
    expect((held as TryLater).afterMs).toBeLessThanOrEqual(holdMs);
    expect(asked).toBe(1);
    await holdEnds(spec.key);
    await expect(once()).rejects.toBe(error);
    expect(asked).toBe(2);
  });

  it.each([
    ['the provider answered that it cannot', new Unanswered('spec.503', 'unavailable', true)],
    ['it was told to come back', new TryLater('spec.429', 1_000)],
    ['it was refused', refused],
  ])('is asked for again at once when %s', async (_, error) => {
    const spec = about();
    await expect(effects().once({ ...spec, call: fails(error) })).rejects.toBe(error);
    expect(await effects().once({ ...spec, call: () => Promise.resolve({ id: 'x' }) })).toEqual({ id: 'x' });
  });

  it('is looked for again at once when it was the look-up that got no answer', async () => {
    const spec = about();
    await expect(effects().once({ ...spec, call: fails(lost) })).rejects.toBe(lost);
    await holdEnds(spec.key);
    await expect(effects().once({ ...spec, lookup: fails(lost), call: fails(refused) })).rejects.toBe(lost);
    const found = () => Promise.resolve({ id: 'x' });
    expect(await effects().once({ ...spec, lookup: found, call: fails(refused) })).toEqual({ id: 'x' });
  });

  it.each([
    ['unanswered', 'a call without an answer', [lost]],
    ['unanswered', 'a call without an answer after one that was refused', [refused, lost]],
    ['refused', 'a refusal', [refused]],
    ['refused', 'a provider that was not reached', [new NotTaken('spec.unreachable', 1)]],
  ] as const)('is asked about as %s after %s', async (earlier, _, failures) => {
    const spec = about();
    const told: EarlierTry[] = [];
    const lookup = (ended: EarlierTry) => {
      told.push(ended);
      return nothing();
    };
    for (const failure of failures) {
      await effects()
        .once({ ...spec, lookup, call: fails(failure) })
        .catch(() => undefined);
      await holdEnds(spec.key);
    }
    await effects().once({ ...spec, lookup, call: () => Promise.resolve({ id: 'x' }) });
    expect(told.at(-1)).toBe(earlier);
  });

  it('is asked about as unanswered when the process ended in the middle of a try after a refusal', async () => {
    const spec = about();
    await effects()
      .once({ ...spec, call: fails(refused) })
      .catch(() => undefined);
    await new Promise<void>((begun) => {
      void effects().once({
        ...spec,
        call: () => {
          begun();
          return new Promise<never>(() => undefined);
        },
      });
    });
    await holdEnds(spec.key);
    const told: EarlierTry[] = [];
    const lookup = (ended: EarlierTry) => {
      told.push(ended);
      return nothing();
    };
    await effects().once({ ...spec, lookup, call: () => Promise.resolve({ id: 'x' }) });
    expect(told).toEqual(['unanswered']);
  });

  it('is counted until it is known, also while it is asked for again and when that worker is gone', async () => {
    const spec = about();
    const unknown = () => platform.get(Backlog).unknownEffects();
    const before = await unknown();
    let whileAsked: number | undefined;
    const asks = (error: Error) => async () => {
      whileAsked = await unknown();
      throw error;
    };
    await expect(effects().once({ ...spec, call: asks(lost) })).rejects.toBe(lost);
    expect([whileAsked, await unknown()]).toEqual([before, before + 1]);
    await holdEnds(spec.key);
    await expect(effects().once({ ...spec, call: asks(lost) })).rejects.toBe(lost);
    expect(whileAsked).toBe(before + 1);
    await platform.sql(`UPDATE effects SET state = 'sent', error_code = NULL WHERE key = $1`, [spec.key]);
    expect(await unknown()).toBe(before);
    await holdEnds(spec.key);
    expect(await unknown()).toBe(before + 1);
    await effects().once({ ...spec, call: () => Promise.resolve({ id: 'x' }) });
    expect(await unknown()).toBe(before);
  });

  it('is denied by a word on the last try, and by none on an earlier one', async () => {
    const spec = about();
    const before = new Date(Date.now() - 1_000);
    await effects()
      .once({ ...spec, call: fails(lost) })
      .catch(() => undefined);
    const stateAfter = async (saidAt: Date) => {
      await platform.get(Database).tx(systemContext, (tx) => effects().deny(tx, spec.key, saidAt));
      return (await stateOf(spec.key))[0];
    };
    expect(await stateAfter(before)).toEqual({ state: 'unknown' });
    expect(await stateAfter(new Date(Date.now() + 1_000))).toEqual({ state: 'refused' });
  });
});
