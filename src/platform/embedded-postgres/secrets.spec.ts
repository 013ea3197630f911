import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSecretsFile } from './secrets.js';

describe('openSecretsFile', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-secrets-'));
    file = path.join(folder, 'pg.secrets.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes a long password once and gives the same one ever after', async () => {
    const password = await openSecretsFile(file).passwordOf('app');
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(await openSecretsFile(file).passwordOf('owner')).not.toBe(password);
    expect(await openSecretsFile(file).passwordOf('app')).toBe(password);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['pg.secrets.json']);
  });

  it('gives everybody the same password when several create the file at once', async () => {
    const given = await Promise.all(Array.from({ length: 8 }, () => openSecretsFile(file).passwordOf('app')));
    expect(new Set(given).size).toBe(1);
  });

  it('refuses a damaged file without repeating its content, and does not replace it', async () => {
    await writeFile(file, '{"app": "s3cret"');
    const asked = openSecretsFile(file).passwordOf('app');
    await expect(asked).rejects.toThrow(/cannot be read/);
    await expect(asked).rejects.not.toThrow(/s3cret/);
    expect(await readFile(file, 'utf8')).toBe('{"app": "s3cret"');
  });
});
