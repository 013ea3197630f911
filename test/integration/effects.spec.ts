import { Effects, Refused } from '../../src/platform/effects/index.js';
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
});
