import { mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createMissingLinks } from './binaries.js';

describe('createMissingLinks', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'pharmonico-links-'));
    await mkdir(path.join(root, 'native', 'lib'), { recursive: true });
    await writeFile(path.join(root, 'native', 'lib', 'libicu.so.60.2'), '');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('makes the links an installation without scripts lacks, and keeps the ones that are there', async () => {
    const source = 'native/lib/libicu.so.60.2';
    const links = ['native/lib/libicu.so', 'native/lib/libicu.so.60'].map((target) => ({ source, target }));
    await writeFile(path.join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    await symlink('elsewhere', path.join(root, 'native', 'lib', 'libicu.so'));
    await createMissingLinks(path.join(root, 'native'));
    await createMissingLinks(path.join(root, 'native'));
    expect(await readlink(path.join(root, 'native', 'lib', 'libicu.so'))).toBe('elsewhere');
    expect(await readlink(path.join(root, 'native', 'lib', 'libicu.so.60'))).toBe('libicu.so.60.2');
  });

  it('does nothing for a platform whose package has no list', async () => {
    await expect(createMissingLinks(path.join(root, 'native'))).resolves.toBeUndefined();
  });
});
