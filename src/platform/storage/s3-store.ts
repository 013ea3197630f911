import {
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
  DeleteObjectCommand,
  CreateBucketCommand,
  ListObjectsCommand,
} from '@aws-sdk/client-s3';
import type { Config } from '../../../config/index.js';
import { BlobStore, type FilePage, type StoredFile } from './blob-store.js';

export class S3Store extends BlobStore {
  private readonly client: S3Client;

  constructor(
    config: Config,
    private readonly bucket: string,
  ) {
    super();
    this.client = new S3Client({
      ...accountOf(config),
      ...(config.S3_ENDPOINT !== undefined && { endpoint: config.S3_ENDPOINT, forcePathStyle: true }),
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

/** @throws what the server says, unless the bucket is there already */
export async function createBucketAt(config: Config, bucket: string, endpoint: string): Promise<void> {
  const client = new S3Client({ ...accountOf(config), endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
    if (!(error instanceof Error) || !/BucketAlready/.test(error.name)) throw error;
  });
  client.destroy();
}

/** Without keys the SDK finds those of the machine it runs on. */
function accountOf({
  S3_REGION: region,
  S3_ACCESS_KEY_ID: accessKeyId,
  S3_SECRET_ACCESS_KEY: secretAccessKey,
}: Config) {
  const isGiven = accessKeyId !== undefined && secretAccessKey !== undefined;
  return { region, ...(isGiven && { credentials: { accessKeyId, secretAccessKey } }) };
}
