/** 40 megapixels: no phone takes more, and a small file cannot unpack to all of the memory. */
export const mostPicturePixels = 40_000_000;
