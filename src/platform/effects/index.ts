export { Effects, NotTaken, Refused, type EarlierTry, type EffectSpec } from './effects.js';
export { endsCall, neverSent, Unanswered } from './unanswered.js';
