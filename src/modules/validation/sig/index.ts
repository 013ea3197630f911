export { normalizeSig } from './normalize.js';
export { parseSig, SIG_TEXT_LENGTH } from './parse-sig.js';
export {
  daysOf,
  dosesPerDay,
  valueOf,
  type Amount,
  type DailyMaximum,
  type ParsedSig,
  type Period,
  type PeriodUnit,
  type SigField,
  type SigFields,
  type SigValues,
  type Strength,
} from './sig.js';
export { doseUnitNamed } from './vocabulary.js';
