export interface ErrorProneAbbreviation {
  /** On the text as written: "MS" is a drug, "ms" is not. */
  pattern: RegExp;
  /** What to write, as the rest of the sentence "write …". */
  instead: string;
}

/** The Joint Commission "Do Not Use" list and the ISMP list of error-prone abbreviations, symbols and dose designations. */
export const errorProneAbbreviations: readonly ErrorProneAbbreviation[] = [
  { pattern: /(?<=\d ?)U\b|\bU\b(?=\/)|(?<=\d ?)u\b/, instead: '"units"' },
  { pattern: /(?<![A-Za-z])I\.?U\b\.?|(?<=\d ?)iu\b/, instead: '"international units"' },
  { pattern: /\bq\.?d\b\.?(?!\w)/i, instead: '"daily"' },
  { pattern: /\bq\.?o\.?d\b\.?/i, instead: '"every other day"' },
  { pattern: /(?<!q\.?)\bo\.?d\b\.?/i, instead: '"daily" or "right eye"' },
  { pattern: /(?<![\d.])\d+\.0+(?!\d)/, instead: 'the figure without a trailing zero' },
  { pattern: /(?<!\d)\.\d+/, instead: 'the figure with a zero before the point' },
  { pattern: /\bMSO4\b|\bMS\b(?! ?[Cc][Oo][Nn][Tt])/, instead: '"morphine sulfate"' },
  { pattern: /\bMgSO4\b/i, instead: '"magnesium sulfate"' },
  { pattern: /[µμ]g\b/, instead: '"mcg"' },
];
