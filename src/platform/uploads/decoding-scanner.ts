import { Injectable } from '@nestjs/common';
import sharp from 'sharp';
import { mostPicturePixels } from './picture-limits.js';
import { FileScanner, type ScanVerdict } from './file-scanner.js';

/**
 * The scanner that is always there: a file passes when every pixel of it decodes. It is no antivirus. What is kept is re-encoded
 * from those pixels anyway, so nothing but the picture survives.
 */
@Injectable()
export class DecodingScanner extends FileScanner {
  async scan(bytes: Buffer): Promise<ScanVerdict> {
    try {
      await sharp(bytes, { failOn: 'error', limitInputPixels: mostPicturePixels }).timeout({ seconds: 10 }).stats();
      return 'clean';
    } catch {
      return 'unreadable';
    }
  }
}
