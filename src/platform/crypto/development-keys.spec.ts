import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../config/index.js';
import { resolveKeys } from './development-keys.js';
import { Keyring } from './keyring.js';

describe('resolveKeys', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pharmonico-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes development keys once, readable by the owner only, and finds them again', () => {
    const config = loadConfig({ DATA_DIR: folder });
    const first = resolveKeys(config);
    expect(resolveKeys(config)).toEqual(first);
    expect(statSync(join(folder, 'development-keys.json')).mode & 0o777).toBe(0o600);
    const place = { table: 't', column: 'c', row: 'r' };
    const keyring = new Keyring(first.dataKeys, first.blindIndexKey);
    expect(keyring.openText(place, keyring.seal(place, 'x'))).toBe('x');
  });

  it('refuses production without keys of its own', () => {
    const config = { ...loadConfig({ DATA_DIR: folder }), NODE_ENV: 'production' as const };
    expect(() => resolveKeys(config)).toThrow('production');
  });
});
