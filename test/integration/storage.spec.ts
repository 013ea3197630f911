import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import sharp from 'sharp';
import { loadConfig } from '../../config/index.js';
import { resolveKeys } from '../../src/platform/crypto/development-keys.js';
import { Keyring } from '../../src/platform/crypto/index.js';
import { DomainError } from '../../src/platform/errors/index.js';
import { createBucket, createFileStorage, type FileStorage } from '../../src/platform/storage/index.js';
import { DecodingScanner, Pictures } from '../../src/platform/uploads/index.js';

/** A place for files, with a way around the encryption for looking and for tampering. */
interface Place {
  storage: FileStorage;
  /** The same place, reached by a program that has other keys. */
  withOtherKeys: FileStorage;
  /** The place as it is when nothing answers. */
  gone: FileStorage;
  stored(key: string): Promise<Buffer>;
  overwrite(key: string, bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

const plaintext = Buffer.from('Cardholder Ada Marsh, 610011, ABC123456');

function keyringOf(folder: string): Keyring {
  const keys = resolveKeys(loadConfig({ NODE_ENV: 'test', DATA_DIR: folder }));
  return new Keyring(keys.dataKeys, keys.blindIndexKey);
}

async function twoKeyrings(): Promise<{ folder: string; keyring: Keyring; other: Keyring }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pharmonico-files-'));
  for (const name of ['one', 'two']) await mkdir(path.join(folder, name));
  return { folder, keyring: keyringOf(path.join(folder, 'one')), other: keyringOf(path.join(folder, 'two')) };
}

async function inFolder(): Promise<Place> {
  const { folder, keyring, other } = await twoKeyrings();
  const at = (dataDir: string) => loadConfig({ NODE_ENV: 'test', DATA_DIR: dataDir });
  const root = path.join(folder, 'one', 'files');
  const blocked = path.join(folder, 'blocked');
  await writeFile(blocked, 'a file where a folder should be');
  return {
    storage: await createFileStorage(at(path.join(folder, 'one')), keyring),
    withOtherKeys: await createFileStorage(at(path.join(folder, 'one')), other),
    gone: await createFileStorage(at(blocked), keyring),
    stored: (key) => readFile(path.join(root, key)),
    overwrite: (key, bytes) => writeFile(path.join(root, key), bytes),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function onS3(): Promise<Place> {
  const { folder, keyring, other } = await twoKeyrings();
  const s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: path.join(folder, 's3') });
  const { port } = await s3.run();
  const at = (endpoint: string) =>
    loadConfig({
      NODE_ENV: 'test',
      S3_ENDPOINT: endpoint,
      S3_BUCKET: 'pharmonico',
      S3_ACCESS_KEY_ID: 'S3RVER',
      S3_SECRET_ACCESS_KEY: 'S3RVER',
    });
  const config = at(`http://127.0.0.1:${port}`);
  await createBucket(config);
  await createBucket(config); // a second `migrate --bootstrap`
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    storage: await createFileStorage(config, keyring),
    withOtherKeys: await createFileStorage(config, other),
    gone: await createFileStorage(at(`http://127.0.0.1:${await closedPort()}`), keyring),
    stored: async (key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'pharmonico', Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    overwrite: async (key, bytes) => {
      await client.send(new PutObjectCommand({ Bucket: 'pharmonico', Key: key, Body: bytes }));
    },
    close: async () => {
      client.destroy();
      await s3.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe.each([
  ['a folder', inFolder, 'folder'],
  ['S3', onS3, 's3'],
])('files in %s', (_, open, kind) => {
  let place: Place;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.close());

  it('come back as they were, under keys that say nothing', async () => {
    const { storage } = place;
    const everyByte = Buffer.from(Array.from({ length: 300_000 }, (_unused, at) => at % 256));
    const keys = [await storage.put('cards', plaintext), await storage.put('labels', everyByte)];
    expect(await storage.get(keys[0] ?? '')).toEqual(plaintext);
    expect((await storage.get(keys[1] ?? '')).equals(everyByte)).toBe(true);
    expect(keys[0]).toMatch(/^cards\/[0-9a-f-]{36}$/);
    expect(await storage.put('cards', plaintext)).not.toBe(keys[0]);
    expect(storage.kind).toBe(kind);
  });

  it('may be empty', async () => {
    const key = await place.storage.put('cards', Buffer.alloc(0));
    expect(await place.storage.get(key)).toHaveLength(0);
  });

  it('lie there encrypted, each time differently', async () => {
    const keys = [await place.storage.put('cards', plaintext), await place.storage.put('cards', plaintext)];
    const [one, two] = await Promise.all(keys.map((key) => place.stored(key)));
    for (const word of ['Ada', 'Marsh', '610011', 'ABC123456']) expect(one?.includes(word)).toBe(false);
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(false);
    await expect(place.withOtherKeys.get(keys[0] ?? '')).rejects.toThrow();
  });

  it('cannot be put in the place of another, nor changed', async () => {
    const [mine, theirs] = [await place.storage.put('cards', plaintext), await place.storage.put('cards', plaintext)];
    const bytes = await place.stored(mine);
    await place.overwrite(theirs, bytes);
    await expect(place.storage.get(theirs)).rejects.toThrow();
    expect(await place.storage.get(mine)).toEqual(plaintext);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await place.overwrite(mine, bytes);
    await expect(place.storage.get(mine)).rejects.toThrow();
  });

  it('are gone once removed, and removing twice is no error', async () => {
    const key = await place.storage.put('cards', plaintext);
    await place.storage.remove(key);
    await place.storage.remove(key);
    await expect(place.storage.get(key)).rejects.toThrow();
  });

  it('are listed by folder, in the order they were stored, page by page, with the time they were', async () => {
    const { storage } = place;
    const before = Date.now();
    const keys: string[] = [];
    for (let count = 0; count < 5; count += 1) keys.push(await storage.put('listed', plaintext));
    await storage.put('listed-too', plaintext);
    const first = await storage.list('listed', { most: 3 });
    expect(first.map(({ key }) => key)).toEqual(keys.slice(0, 3));
    const rest = await storage.list('listed', { after: keys[2], most: 3 });
    expect(rest.map(({ key }) => key)).toEqual(keys.slice(3));
    expect(await storage.list('listed', { after: keys[4], most: 3 })).toEqual([]);
    expect(await storage.list('nowhere', { most: 3 })).toEqual([]);
    // S3 tells whole seconds.
    for (const { storedAt } of first) {
      expect(storedAt.getTime()).toBeGreaterThanOrEqual(before - 1_000);
      expect(storedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
    }
    await expect(place.gone.list('listed', { most: 3 })).rejects.toThrow();
  });

  it('have a ping that tells whether the place answers', async () => {
    await expect(place.storage.ping()).resolves.toBeUndefined();
    await expect(place.gone.ping()).rejects.toThrow();
  });

  it('hold the picture of a card as it was cleaned, and nothing of it in the open', async () => {
    const upload = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#36c' } })
      .withExif({ IFD0: { Copyright: 'Ada Marsh' } })
      .png()
      .toBuffer();
    const picture = await new Pictures(new DecodingScanner()).clean(
      upload,
      (problem) => new DomainError(problem, { status: 422, title: problem }),
    );
    const key = await place.storage.put('cards', picture);
    expect((await place.storage.get(key)).equals(picture)).toBe(true);
    expect((await sharp(picture).metadata()).exif).toBeUndefined();
    expect((await place.stored(key)).subarray(0, 3).equals(picture.subarray(0, 3))).toBe(false);
  });
});

it('leaves no half-written file in a folder', async () => {
  const { folder, keyring } = await twoKeyrings();
  const storage = await createFileStorage(loadConfig({ NODE_ENV: 'test', DATA_DIR: folder }), keyring);
  await Promise.all(Array.from({ length: 5 }, () => storage.put('cards', plaintext)));
  const names = await readdir(path.join(folder, 'files', 'cards'));
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(names).toHaveLength(5);
  await rm(folder, { recursive: true, force: true });
});
