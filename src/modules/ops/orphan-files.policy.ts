import type { StoredFile } from '../../platform/storage/index.js';

/** Uploads and labels get their row within minutes of the file; a day leaves room for every retry. */
export const orphanAgeMs = 86_400_000;
/** Of one run: looked at, and at most deleted. A delete takes some 20 ms at an S3. */
export const filesPerRun = 500;
/**
 * Orphans are what crashes leave, so they are few among many. A page of nothing but orphans, from this number on, means another
 * database than the one the files belong to (a restored backup, a bucket of two installations): a person looks first.
 */
export const mostUnknownInARow = 50;

export function oldEnough(files: readonly StoredFile[], now: Date): string[] {
  return files.filter(({ storedAt }) => now.getTime() - storedAt.getTime() > orphanAgeMs).map(({ key }) => key);
}

export function isUnbelievable(old: readonly string[], orphans: readonly string[]): boolean {
  return orphans.length >= mostUnknownInARow && orphans.length === old.length;
}
