export { FileReferences } from './file-references.js';
export { createBucket, createFileStorage, FileStorage, type FilePage, type StoredFile } from './file-storage.js';
