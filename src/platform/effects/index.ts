export { Effects, Refused, type EffectSpec } from './effects.js';
