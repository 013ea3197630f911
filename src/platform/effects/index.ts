export { Effects, Refused } from './effects.js';
