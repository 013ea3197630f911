import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keepAccounts } from './accounts.js';

describe('keepAccounts', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-accounts-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('signs in with the same passwords at the second run, and nobody else reads them', async () => {
    const first = await keepAccounts(path.join(folder, 'data'), {});
    expect(await keepAccounts(path.join(folder, 'data'), {})).toEqual(first);
    expect((await stat(path.join(folder, 'data', 'demo-accounts.json'))).mode & 0o077).toBe(0);
  });

  it('lets an administrator of the environment win, for that run', async () => {
    const kept = await keepAccounts(folder, {
      ADMIN_EMAIL: 'me@clinic.example',
      ADMIN_PASSWORD: 'long enough to be one',
    });
    expect(kept).toMatchObject({ adminEmail: 'me@clinic.example', adminPassword: 'long enough to be one' });
    expect(await keepAccounts(folder, {})).toMatchObject({ adminEmail: 'admin@pharmonico.example' });
  });

  it('says which file is damaged', async () => {
    await writeFile(path.join(folder, 'demo-accounts.json'), '{');
    await expect(keepAccounts(folder, {})).rejects.toThrow(/demo-accounts\.json cannot be read/);
  });
});
