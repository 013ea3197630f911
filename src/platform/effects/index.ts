export { Effects, NotTaken, Refused, type EarlierTry, type EffectSpec } from './effects.js';
