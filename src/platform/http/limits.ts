const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

/** Sizes of what comes in; nothing is inflated, so these are also the sizes in memory. */
export const limits = {
  bodyBytes: 512 * kilobyte,
  /** Lists and objects in each other; recursive code (validation, transformation) would overflow far beyond. */
  jsonDepth: 64,
  uploadRequestBytes: 20 * megabyte,
  uploadFileBytes: 8 * megabyte,
  uploadFiles: 4,
  uploadFields: 30,
  uploadFieldBytes: 16 * kilobyte,
} as const;
