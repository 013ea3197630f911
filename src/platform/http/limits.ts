const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

/** Of what comes in. Nothing is inflated, so sizes are those in memory, too. */
export const limits = {
  /** From the first byte to the last; the largest upload takes half of it on a slow telephone. */
  requestMs: 300_000,
  bodyBytes: 512 * kilobyte,
  /** Lists and objects in each other; recursive code (validation, transformation) would overflow far beyond. */
  jsonDepth: 64,
  uploadRequestBytes: 20 * megabyte,
  uploadFileBytes: 8 * megabyte,
  uploadFiles: 4,
  uploadFields: 30,
  uploadFieldBytes: 16 * kilobyte,
} as const;
