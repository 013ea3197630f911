export { DecodingScanner } from './decoding-scanner.js';
export { FileScanner, type ScanVerdict } from './file-scanner.js';
export { pictureErrors, type PictureProblem, type RefusePicture } from './picture-problems.js';
export { Pictures } from './pictures.js';
