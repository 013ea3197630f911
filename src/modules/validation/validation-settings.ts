import type { Config } from '../../../config/index.js';
import type { Severity } from './finding-codes.js';

/** What states and organizations decide differently. */
export interface ValidationSettings {
  /** Oldest date written of a schedule II first fill; states differ, federal law sets none. */
  schedule2MaxAgeDays: number;
  paediatricVitals: Severity;
  /** Of the supply of a fill, what has to be used up before the next one. */
  refillAfterPercent: number;
  schedule2RefillAfterPercent: number;
}

export type SettingsOfValidation = Pick<
  Config,
  'SCHEDULE_II_MAX_AGE_DAYS' | 'PAEDIATRIC_VITALS' | 'REFILL_AFTER_PERCENT' | 'SCHEDULE_II_REFILL_AFTER_PERCENT'
>;

export function validationSettings(config: SettingsOfValidation): ValidationSettings {
  return {
    schedule2MaxAgeDays: config.SCHEDULE_II_MAX_AGE_DAYS,
    paediatricVitals: config.PAEDIATRIC_VITALS,
    refillAfterPercent: config.REFILL_AFTER_PERCENT,
    schedule2RefillAfterPercent: config.SCHEDULE_II_REFILL_AFTER_PERCENT,
  };
}
