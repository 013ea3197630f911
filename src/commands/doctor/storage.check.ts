import type { FileStorage } from '../../platform/storage/index.js';
import type { Finding } from './finding.js';

const probe = Buffer.from('pharmonico storage probe');

/** Writes, reads and deletes, as an upload does. */
export async function checkStorage(storage: FileStorage): Promise<Finding[]> {
  const key = await storage.put('probe', probe);
  try {
    const read = await storage.get(key);
    if (read.equals(probe)) return [{ area: 'storage', level: 'ok', found: `${storage.kind}: written, read, deleted` }];
    const next = 'The storage changes what it keeps; look at proxies and checksums in front of it.';
    return [{ area: 'storage', level: 'broken', found: `${storage.kind}: read something else than was written`, next }];
  } finally {
    await storage.remove(key);
  }
}
