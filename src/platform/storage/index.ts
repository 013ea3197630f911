export type { FilePage, StoredFile } from './blob-store.js';
export { FileReferences } from './file-references.js';
export { createBucket, createFileStorage, FileStorage } from './file-storage.js';
