import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real payloads and vectors live beside the project and are read in place, never copied. */
const folder = join(process.cwd(), '..', 'shared', 'fixtures');

export function fixture(path: string): Buffer {
  return readFileSync(join(folder, path));
}

export function jsonFixture(path: string): unknown {
  return JSON.parse(fixture(path).toString('utf8'));
}

/** Runs the suite where the fixtures are there, and reports it as skipped where they are not. */
export function describeWithFixtures(name: string, suite: () => void): void {
  if (existsSync(folder)) describe(name, suite);
  else describe(name, () => it.skip('is checked where the folder ../shared/fixtures is there', () => undefined));
}

/** One promise that needs a fixture; skipped where there are none. */
export const itWithFixtures = existsSync(folder) ? it : it.skip;
