/** What a signature check found. Only `valid` opens the door; the others are counted, never told to the sender. */
export type SignatureVerdict = 'valid' | 'unconfigured' | 'missing' | 'malformed' | 'expired' | 'mismatch';

/** Both sides count: a clock that runs ahead is as wrong as one that lags. */
export const toleranceSeconds = 300;
