/** 40 megapixels: no phone takes more, and a small file cannot unpack to all of the memory (engineering.md, Decisions). */
export const mostPicturePixels = 40_000_000;
