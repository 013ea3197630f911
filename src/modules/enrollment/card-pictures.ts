import { Injectable } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import { limits } from '../../platform/http/limits.js';
import { fail } from './enrollment.errors.js';
import { mostPicturePixels } from './enrollment.policy.js';
import { FileScanner, type ScanVerdict } from './gateways/file-scanner.js';

/** Where they lie in the file storage. */
export const cardFolder = 'insurance-cards';

const accepted: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp']);
/** Enough to read the small print of a card; a phone's full resolution only fills the disk. */
const longestEdge = 2400;
const secondsToDecode = 10;

const codeOfVerdict = {
  infected: 'enrollment.picture-refused',
  unreadable: 'enrollment.picture-unreadable',
} as const satisfies Record<Exclude<ScanVerdict, 'clean'>, string>;

/** Turns what was uploaded into a picture and nothing else. */
@Injectable()
export class CardPictures {
  constructor(private readonly scanner: FileScanner) {}

  /** @returns a JPEG made of the picture's pixels only. @throws enrollment.picture-* */
  async clean(bytes: Buffer): Promise<Buffer> {
    if (bytes.length > limits.uploadFileBytes) throw fail('enrollment.picture-too-large');
    const type = await fileTypeFromBuffer(bytes);
    if (type === undefined || !accepted.has(type.mime)) throw fail('enrollment.picture-type');
    await refuseBomb(bytes);
    const verdict = await this.scan(bytes);
    if (verdict !== 'clean') throw fail(codeOfVerdict[verdict]);
    return reencode(bytes);
  }

  /** A scanner that does not answer is a scanner that did not say "clean". */
  private async scan(bytes: Buffer): Promise<ScanVerdict> {
    try {
      return await this.scanner.scan(bytes);
    } catch (error) {
      throw fail('enrollment.picture-unscanned', { retryAfterSeconds: 30, cause: error });
    }
  }
}

/** The header says how many pixels a small file unpacks to. */
async function refuseBomb(bytes: Buffer): Promise<void> {
  const { width, height, pages = 1 } = await unreadableUnless(sharp(bytes, { limitInputPixels: false }).metadata());
  if (width * height * pages > mostPicturePixels) throw fail('enrollment.picture-too-large');
}

/** Turned as the camera meant it, then without any metadata: position, camera, thumbnails. */
function reencode(bytes: Buffer): Promise<Buffer> {
  return unreadableUnless(
    sharp(bytes, { failOn: 'error', limitInputPixels: mostPicturePixels })
      .rotate()
      .resize({ width: longestEdge, height: longestEdge, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: 85 })
      .timeout({ seconds: secondsToDecode })
      .toBuffer(),
  );
}

async function unreadableUnless<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw fail('enrollment.picture-unreadable', { cause: error });
  }
}
