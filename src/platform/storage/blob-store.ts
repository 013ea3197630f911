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
export abstract class BlobStore {
  abstract put(key: string, bytes: Buffer): Promise<void>;
  abstract get(key: string): Promise<Buffer>;
  abstract remove(key: string): Promise<void>;
  abstract list(folder: string, page: FilePage): Promise<StoredFile[]>;
  abstract ping(): Promise<void>;
}
