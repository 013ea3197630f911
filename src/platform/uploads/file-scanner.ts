export type ScanVerdict = 'clean' | 'infected' | 'unreadable';

/**
 * Looks at what strangers upload before anything keeps it. It fails closed: whatever it throws, the file is refused. Put an
 * antivirus behind this port by providing another class for this token.
 */
export abstract class FileScanner {
  abstract scan(bytes: Buffer): Promise<ScanVerdict>;
}
