import { stringify, type Options } from 'csv-stringify/sync';

export type CsvCell = string | number | boolean | Date | null;

const options: Options = {
  record_delimiter: 'windows',
  escape_formulas: true,
  // Beside what the library quotes: a line break of another kind than the delimiter is one to most readers.
  quoted_match: /[\r\n]/,
  cast: { boolean: String, date: (at) => at.toISOString() },
};

/** One line of RFC 4180 with its line end. Text that a spreadsheet would run is led by an apostrophe (OWASP, CSV injection). */
export function csvLine(cells: readonly CsvCell[]): string {
  return stringify([[...cells]], options);
}
