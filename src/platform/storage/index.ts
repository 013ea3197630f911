export { createBucket, createFileStorage, FileStorage } from './file-storage.js';
