import {
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
  DeleteObjectCommand,
  CreateBucketCommand,
  ListObjectsCommand,
} from '@aws-sdk/client-s3';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../../config/index.js';
import type { Keyring } from '../crypto/index.js';
import { newId } from '../ids/index.js';

export interface StoredFile {
  key: string;
  /** By the clock of the storage. */
  storedAt: Date;
}

export interface FilePage {
  /** Keys behind this one only. */
  after?: string | undefined;
  most: number;
}

/** Where bytes lie. Keys are random ids; nothing about a person is in them. */
abstract class BlobStore {
  abstract put(key: string, bytes: Buffer): Promise<void>;
  abstract get(key: string): Promise<Buffer>;
  abstract remove(key: string): Promise<void>;
  abstract list(folder: string, page: FilePage): Promise<StoredFile[]>;
  abstract ping(): Promise<void>;
}

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

export function createFileStorage(config: Config, keyring: Keyring): FileStorage {
  if (config.S3_BUCKET === undefined)
    return new FileStorage(new FolderStore(join(config.DATA_DIR, 'files')), keyring, 'folder');
  return new FileStorage(new S3Store(config, config.S3_BUCKET), keyring, 's3');
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

class S3Store extends BlobStore {
  private readonly client: S3Client;

  constructor(
    config: Config,
    private readonly bucket: string,
  ) {
    super();
    this.client = new S3Client({
      region: config.S3_REGION,
      ...(config.S3_ENDPOINT !== undefined && { endpoint: config.S3_ENDPOINT, forcePathStyle: true }),
      ...(config.S3_ACCESS_KEY_ID !== undefined &&
        config.S3_SECRET_ACCESS_KEY !== undefined && {
          credentials: { accessKeyId: config.S3_ACCESS_KEY_ID, secretAccessKey: config.S3_SECRET_ACCESS_KEY },
        }),
      // The default adds trailing checksums that S3-compatible servers store as part of the object.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 3,
      requestHandler: { requestTimeout: 15_000, connectionTimeout: 10_000 },
    });
  }

  async put(key: string, bytes: Buffer): Promise<void> {
    await this.client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: bytes, ContentType: 'application/octet-stream' }),
    );
  }

  async get(key: string): Promise<Buffer> {
    const answer = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    if (answer.Body === undefined) throw new Error('the object has no body');
    return Buffer.from(await answer.Body.transformToByteArray());
  }

  async remove(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }

  async list(folder: string, { after, most }: FilePage): Promise<StoredFile[]> {
    // Version 1: its marker is a key, as ours is, and every S3-compatible server has it.
    const { Contents: found = [] } = await this.client.send(
      new ListObjectsCommand({ Bucket: this.bucket, Prefix: `${folder}/`, Marker: after, MaxKeys: most }),
    );
    return found.flatMap(({ Key: key, LastModified: storedAt }) =>
      key === undefined || storedAt === undefined ? [] : [{ key, storedAt }],
    );
  }

  async ping(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }));
  }
}

/** Creates the bucket of a fresh MinIO; part of `npm run migrate -- --bootstrap`. */
export async function createBucket(config: Config): Promise<void> {
  if (config.S3_BUCKET === undefined || config.S3_ENDPOINT === undefined) return;
  const client = new S3Client({
    region: config.S3_REGION,
    endpoint: config.S3_ENDPOINT,
    forcePathStyle: true,
    ...(config.S3_ACCESS_KEY_ID !== undefined &&
      config.S3_SECRET_ACCESS_KEY !== undefined && {
        credentials: { accessKeyId: config.S3_ACCESS_KEY_ID, secretAccessKey: config.S3_SECRET_ACCESS_KEY },
      }),
  });
  await client.send(new CreateBucketCommand({ Bucket: config.S3_BUCKET })).catch((error: unknown) => {
    if (!(error instanceof Error) || !/BucketAlready/.test(error.name)) throw error;
  });
  client.destroy();
}
