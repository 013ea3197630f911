export { isPassing, retryAfterMs } from './come-again.js';
export { Effects, NotTaken, Refused, type EarlierTry, type EffectSpec } from './effects.js';
export { isInDoubt } from './in-doubt.js';
export { endsCall, neverSent, Unanswered } from './unanswered.js';
