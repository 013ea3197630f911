/**
 * Of a row of `effects`: nobody knows whether it came about. It gave no answer, also while it is asked about again, or whoever
 * was asking for it is gone.
 * @param now the parameter that holds it
 */
export const isInDoubt = (now: `$${number}`): string =>
  `(state = 'unknown' OR (state = 'sent' AND (error_code IS NOT NULL OR held_until < ${now})))`;
