import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { defineErrors } from '../errors/index.js';
import { DecodingScanner } from './decoding-scanner.js';
import { FileScanner, type ScanVerdict } from './file-scanner.js';
import { pictureErrors, type RefusePicture } from './picture-problems.js';
import { Pictures } from './pictures.js';

const fail = defineErrors(pictureErrors('spec.picture'));
const refuse: RefusePicture = (problem, extras) => fail(`spec.picture-${problem}`, extras);

class Scanner extends FileScanner {
  constructor(private readonly says: () => Promise<ScanVerdict>) {
    super();
  }
  scan(): Promise<ScanVerdict> {
    return this.says();
  }
}

const pictures = new Pictures(new DecodingScanner());
const plain = (width = 40, height = 20) => sharp({ create: { width, height, channels: 3, background: '#123456' } });

describe('an uploaded picture', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('in %s becomes a JPEG without metadata, upright', async (format) => {
    const original = await plain()
      .withMetadata({ orientation: 6 })
      .withExif({ IFD0: { Make: 'a phone' } })
      .toFormat(format)
      .toBuffer();
    const cleaned = await sharp(await pictures.clean(original, refuse)).metadata();
    expect(cleaned).toMatchObject({ format: 'jpeg', width: 20, height: 40 });
    expect(cleaned.exif).toBeUndefined();
    expect(cleaned.orientation).toBeUndefined();
  });

  it.each([
    ['text', Buffer.from('hello')],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a program', Buffer.from('MZ'.padEnd(200, '\0'))],
    ['a GIF', Buffer.from('GIF89a'.padEnd(60, '\0'))],
    ['nothing', Buffer.alloc(0)],
  ])('that is %s is refused by its content', async (_, bytes) => {
    await expect(pictures.clean(bytes, refuse)).rejects.toMatchObject({ code: 'spec.picture-type' });
  });

  it('over 8 MB is refused before anything looks into it', async () => {
    await expect(pictures.clean(Buffer.alloc(8 * 1024 * 1024 + 1), refuse)).rejects.toMatchObject({
      code: 'spec.picture-too-large',
    });
  });

  it('of few bytes and more than 40 megapixels is refused without being unpacked', async () => {
    const bomb = await plain(8000, 5001).png({ compressionLevel: 9 }).toBuffer();
    expect(bomb.length).toBeLessThan(400_000);
    await expect(pictures.clean(bomb, refuse)).rejects.toMatchObject({ code: 'spec.picture-too-large' });
  });

  it('cut off in the middle is refused', async () => {
    const whole = await plain(400, 300).png().toBuffer();
    await expect(pictures.clean(whole.subarray(0, whole.length - 200), refuse)).rejects.toMatchObject({
      code: 'spec.picture-unreadable',
    });
  });

  it('is refused when the scanner says so, and when the scanner does not answer', async () => {
    const bytes = await plain().jpeg().toBuffer();
    const infected = new Pictures(new Scanner(async () => 'infected'));
    await expect(infected.clean(bytes, refuse)).rejects.toMatchObject({ code: 'spec.picture-refused' });
    const away = new Pictures(new Scanner(async () => Promise.reject(new Error('away'))));
    await expect(away.clean(bytes, refuse)).rejects.toMatchObject({
      code: 'spec.picture-unscanned',
      retryAfterSeconds: 30,
    });
  });
});
