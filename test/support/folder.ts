import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TestFolder {
  path: string;
  remove(): Promise<void>;
}

/** An empty folder of its own. */
export async function testFolder(name: string): Promise<TestFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), `pharmonico-${name}-`));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
