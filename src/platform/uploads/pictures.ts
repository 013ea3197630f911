import { Injectable } from '@nestjs/common';
import { fileTypeFromBuffer } from 'file-type';
import sharp from 'sharp';
import { limits } from '../http/limits.js';
import { FileScanner, type ScanVerdict } from './file-scanner.js';
import { mostPicturePixels } from './picture-limits.js';
import type { PictureProblem, RefusePicture } from './picture-problems.js';

const accepted: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp']);
/** Enough to read the small print of a card; a phone's full resolution only fills the disk. */
const longestEdge = 2400;
const secondsToDecode = 10;

const problemOfVerdict = {
  infected: 'refused',
  unreadable: 'unreadable',
} as const satisfies Record<Exclude<ScanVerdict, 'clean'>, PictureProblem>;

/** Turns what was uploaded into a picture and nothing else. */
@Injectable()
export class Pictures {
  constructor(private readonly scanner: FileScanner) {}

  /** @returns a JPEG made of the picture's pixels only. @throws what `refuse` makes of the problem */
  async clean(bytes: Buffer, refuse: RefusePicture): Promise<Buffer> {
    if (bytes.length > limits.uploadFileBytes) throw refuse('too-large');
    const type = await fileTypeFromBuffer(bytes);
    if (type === undefined || !accepted.has(type.mime)) throw refuse('type');
    await refuseBomb(bytes, refuse);
    const verdict = await this.scan(bytes, refuse);
    if (verdict !== 'clean') throw refuse(problemOfVerdict[verdict]);
    return reencode(bytes, refuse);
  }

  /** A scanner that does not answer is a scanner that did not say "clean". */
  private async scan(bytes: Buffer, refuse: RefusePicture): Promise<ScanVerdict> {
    try {
      return await this.scanner.scan(bytes);
    } catch (error) {
      throw refuse('unscanned', { retryAfterSeconds: 30, cause: error });
    }
  }
}

/** The header says how many pixels a small file unpacks to. */
async function refuseBomb(bytes: Buffer, refuse: RefusePicture): Promise<void> {
  const header = sharp(bytes, { limitInputPixels: false }).metadata();
  const { width, height, pages = 1 } = await unreadableUnless(header, refuse);
  if (width * height * pages > mostPicturePixels) throw refuse('too-large');
}

/** Turned as the camera meant it, then without any metadata: position, camera, thumbnails. */
function reencode(bytes: Buffer, refuse: RefusePicture): Promise<Buffer> {
  const encoded = sharp(bytes, { failOn: 'error', limitInputPixels: mostPicturePixels })
    .rotate()
    .resize({ width: longestEdge, height: longestEdge, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 85 })
    .timeout({ seconds: secondsToDecode })
    .toBuffer();
  return unreadableUnless(encoded, refuse);
}

async function unreadableUnless<T>(work: Promise<T>, refuse: RefusePicture): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refuse('unreadable', { cause: error });
  }
}
