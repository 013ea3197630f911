/** A map, so that no word of the language is taken for a code. */
const table = (words: Readonly<Record<string, string>>): ReadonlyMap<string, string> => new Map(Object.entries(words));

/** UCUM units of time as FHIR uses them. */
export const unitWords = table({
  s: 'second',
  min: 'minute',
  h: 'hour',
  d: 'day',
  wk: 'week',
  mo: 'month',
  a: 'year',
});

export const weekdays = table({
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
});

/** Units a label counts in words, as senders write one of them. */
export const countedWord =
  /^(?:tablet|caplet|capsule|pill|drop|puff|spray|lozenge|troche|film|packet|dose|unit|application)$/i;

/** HL7 EventTiming. */
export const eventWords = table({
  HS: 'at bedtime',
  WAKE: 'on waking',
  PHS: 'after going to sleep',
  MORN: 'in the morning',
  'MORN.early': 'in the early morning',
  'MORN.late': 'in the late morning',
  NOON: 'at noon',
  AFT: 'in the afternoon',
  'AFT.early': 'in the early afternoon',
  'AFT.late': 'in the late afternoon',
  EVE: 'in the evening',
  'EVE.early': 'in the early evening',
  'EVE.late': 'in the late evening',
  NIGHT: 'at night',
  C: 'with meals',
  CM: 'with breakfast',
  CD: 'with lunch',
  CV: 'with dinner',
  AC: 'before meals',
  ACM: 'before breakfast',
  ACD: 'before lunch',
  ACV: 'before dinner',
  PC: 'after meals',
  PCM: 'after breakfast',
  PCD: 'after lunch',
  PCV: 'after dinner',
});

/** HL7 GTSAbbreviation, the codes of Timing.code. */
export const timingWords = table({
  BID: '2 times a day',
  TID: '3 times a day',
  QID: '4 times a day',
  AM: 'every morning',
  PM: 'every afternoon',
  BED: 'at bedtime',
  QD: 'every day',
  QOD: 'every other day',
  Q1H: 'every hour',
  Q2H: 'every 2 hours',
  Q3H: 'every 3 hours',
  Q4H: 'every 4 hours',
  Q6H: 'every 6 hours',
  Q8H: 'every 8 hours',
  WK: 'every week',
  MO: 'every month',
});
