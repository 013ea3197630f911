import type { DomainError, ErrorSpec, ProblemExtras } from '../errors/index.js';

export const pictureProblems = {
  type: { status: 415, title: 'A picture is JPEG, PNG or WebP; the content decides, not the name.' },
  'too-large': { status: 413, title: 'A picture has at most 8 MB and 40 megapixels.' },
  unreadable: { status: 422, title: 'The picture is damaged; take it again.' },
  refused: { status: 422, title: 'The scanner refused this file.' },
  unscanned: { status: 503, title: 'Files cannot be checked at the moment; try again shortly.' },
} as const satisfies Readonly<Record<string, ErrorSpec>>;
export type PictureProblem = keyof typeof pictureProblems;

/** A module's own error for what is wrong with an upload. */
export type RefusePicture = (problem: PictureProblem, extras?: ProblemExtras) => DomainError;

/** The codes of a module that takes pictures, for `defineErrors`: `enrollment.picture-type`, … */
export function pictureErrors<Prefix extends string>(prefix: Prefix): Record<`${Prefix}-${PictureProblem}`, ErrorSpec> {
  const specs = Object.entries(pictureProblems).map(([problem, spec]) => [`${prefix}-${problem}`, spec]);
  return Object.fromEntries(specs) as Record<`${Prefix}-${PictureProblem}`, ErrorSpec>;
}
