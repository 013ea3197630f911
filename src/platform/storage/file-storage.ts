import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../../config/index.js';
import type { Keyring } from '../crypto/index.js';
import { newId } from '../ids/index.js';
import { BlobStore, type FilePage, type StoredFile } from './blob-store.js';

/** Files, encrypted wherever they lie; the key is bound to the content's place, so files cannot be swapped. */
export class FileStorage {
  constructor(
    private readonly blobs: BlobStore,
    private readonly keyring: Keyring,
    readonly kind: 's3' | 'folder',
  ) {}

  /** @returns the key to find it by */
  async put(folder: string, bytes: Buffer): Promise<string> {
    const key = `${folder}/${newId()}`;
    await this.blobs.put(key, this.keyring.seal(placeOf(key), bytes));
    return key;
  }

  async get(key: string): Promise<Buffer> {
    return this.keyring.open(placeOf(key), await this.blobs.get(key));
  }

  remove(key: string): Promise<void> {
    return this.blobs.remove(key);
  }

  /** What lies in a folder, by key, which is by age; also what a crash left half written. */
  list(folder: string, page: FilePage): Promise<StoredFile[]> {
    return this.blobs.list(folder, page);
  }

  ping(): Promise<void> {
    return this.blobs.ping();
  }
}

function placeOf(key: string) {
  return { table: 'files', column: 'content', row: key };
}

/** The SDK for S3 is loaded where there is a bucket only: no start waits for what it does not use. */
export async function createFileStorage(config: Config, keyring: Keyring): Promise<FileStorage> {
  if (config.S3_BUCKET === undefined)
    return new FileStorage(new FolderStore(join(config.DATA_DIR, 'files')), keyring, 'folder');
  const { S3Store } = await import('./s3-store.js');
  return new FileStorage(new S3Store(config, config.S3_BUCKET), keyring, 's3');
}

/** Creates the bucket of a fresh MinIO; part of `npm run migrate -- --bootstrap`. */
export async function createBucket(config: Config): Promise<void> {
  if (config.S3_BUCKET === undefined || config.S3_ENDPOINT === undefined) return;
  const { createBucketAt } = await import('./s3-store.js');
  await createBucketAt(config, config.S3_BUCKET, config.S3_ENDPOINT);
}

/** For a folder nobody has written to yet, or a file that went while we looked. */
function absent<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return instead;
  };
}

class FolderStore extends BlobStore {
  constructor(private readonly root: string) {
    super();
  }

  async put(key: string, bytes: Buffer): Promise<void> {
    const path = join(this.root, key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Written beside and renamed: a crash leaves no half file under the key.
    await writeFile(`${path}.part`, bytes, { mode: 0o600, flush: true });
    await rename(`${path}.part`, path);
  }

  get(key: string): Promise<Buffer> {
    return readFile(join(this.root, key));
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.root, key), { force: true });
  }

  async list(folder: string, { after = '', most }: FilePage): Promise<StoredFile[]> {
    const names = await readdir(join(this.root, folder)).catch(absent<string[]>([]));
    const keys = names
      .map((name) => `${folder}/${name}`)
      .filter((key) => key > after)
      .sort();
    const files = keys.slice(0, most).map(async (key) => {
      const found = await stat(join(this.root, key)).catch(absent(undefined));
      return found === undefined ? [] : [{ key, storedAt: found.mtime }];
    });
    return (await Promise.all(files)).flat();
  }

  async ping(): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    const probe = join(this.root, `.probe-${newId()}`);
    await writeFile(probe, '');
    await rm(probe);
  }
}
