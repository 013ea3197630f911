import type { UploadedMultipartFile } from '@nestjs/platform-fastify/multipart';
import type { PictureSide } from './sessions.store.js';

/** Where they lie in the file storage. */
export const cardFolder = 'insurance-cards';

export const cardFields = [
  { name: 'front', maxCount: 1 },
  { name: 'back', maxCount: 1 },
];

export type UploadedPictures = Partial<Record<PictureSide, Buffer>>;

export type CardFiles = Partial<Record<'front' | 'back', Pick<UploadedMultipartFile, 'buffer'>[]>>;

/** A file field nobody filled in arrives as a file without bytes. */
export function picturesOf(files: CardFiles | undefined): UploadedPictures {
  const [front, back] = [files?.front?.[0]?.buffer, files?.back?.[0]?.buffer];
  return { ...(isFilled(front) && { front }), ...(isFilled(back) && { back }) };
}

function isFilled(bytes: Buffer | undefined): bytes is Buffer {
  return bytes !== undefined && bytes.length > 0;
}
