import { randomBytes } from 'node:crypto';
import { examine } from '../../src/commands/doctor/examine.js';
import { ApiClient } from '../../src/demo/client.js';
import { generate, sendingDay } from '../../src/demo/generate/index.js';
import { start } from '../../src/start.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';
import { eventually } from '../support/until.js';

const key = () => randomBytes(32).toString('base64');

const account = { email: 'admin@pharmonico.example', password: 'a password of the test' };

describe('keys that are not those of the database', () => {
  const right = { DATA_KEYS: `first:${key()}`, BLIND_INDEX_KEY: key() };
  let around: Surroundings;

  const started = async (env: Record<string, string>) => {
    const { databaseUrl, queueUrl } = around.database;
    return start({ config: around.config(env), databaseUrl, queueUrl, logger: false });
  };
  const startedAndStopped = async (env: Record<string, string>) => (await started(env)).stop();
  const keysFinding = async (env: Record<string, string>) => {
    const { databaseUrl, queueUrl } = around.database;
    const findings = await examine(around.config(env), { databaseUrl, queueUrl, kind: 'external' });
    return findings.find(({ area }) => area === 'keys');
  };

  beforeAll(async () => {
    around = await surroundings('misfit-keys');
    const running = await started({ ...right, ADMIN_EMAIL: account.email, ADMIN_PASSWORD: account.password });
    const api = await ApiClient.signIn(running.url, account.email, account.password);
    const [order] = generate({ count: 1, seed: 3, defects: 0, date: sendingDay(), formats: ['json'] });
    await api.post('/api/intake', JSON.parse(order?.body ?? ''));
    await eventually(async () => (await around.sql('SELECT 1 FROM patients')).length === 1);
    await running.stop();
  });
  afterAll(() => around.cleanup.run());

  it('are refused at the start, by name', async () => {
    await expect(startedAndStopped({ ...right, DATA_KEYS: `first:${key()}` })).rejects.toThrow(/^DATA_KEYS is not/);
    await expect(startedAndStopped({ ...right, DATA_KEYS: `other:${key()}` })).rejects.toThrow(/^DATA_KEYS is not/);
    await expect(startedAndStopped({ ...right, BLIND_INDEX_KEY: key() })).rejects.toThrow(/^BLIND_INDEX_KEY is not/);
  });

  it('may have a new one before them', async () => {
    await startedAndStopped({ ...right, DATA_KEYS: `second:${key()},${right.DATA_KEYS}` });
  });

  it('are named by the doctor', async () => {
    expect(await keysFinding(right)).toMatchObject({ level: 'ok' });
    expect(await keysFinding({ ...right, DATA_KEYS: `other:${key()}` })).toMatchObject({ level: 'broken' });
  });
});
