export type DeaSchedule = 'II' | 'III' | 'IV' | 'V';

/** What a sender says of the schedule. "Not controlled" is a statement, too. */
export type NamedSchedule = DeaSchedule | 'I' | 'none';

/** NCI Thesaurus codes of SCRIPT DEASchedule (FDA SPL list); C38046 = unspecified. */
const byCode: Readonly<Record<string, NamedSchedule>> = {
  C48672: 'I',
  C48675: 'II',
  C48676: 'III',
  C48677: 'IV',
  C48679: 'V',
  C38046: 'none',
};

/** Drug databases count in digits, 0 being none; VI of HL7 table 0477 is any other prescription drug. */
const byNumeral: Readonly<Record<string, NamedSchedule>> = {
  '0': 'none',
  '1': 'I',
  '2': 'II',
  '3': 'III',
  '4': 'IV',
  '5': 'V',
  '6': 'none',
  I: 'I',
  II: 'II',
  III: 'III',
  IV: 'IV',
  V: 'V',
  VI: 'none',
};

/** "CII", "C-2", "Schedule II", "DEA class 3N" (the DEA's own mark of what is no narcotic). */
const numeral = /^(?:DEA)?(?:SCHEDULE|SCHED|SCH|CLASS)?C?(I{1,3}|IV|VI?|[0-6])N?$/;
const uncontrolled =
  /^(?:NO|NONE|NA|N\/A|NOTAPPLICABLE|NOSCHEDULE|RX|RXONLY|LEGEND|OTC|UNSPECIFIED|UNSCHEDULED|(?:NOT?|NON|UN)A?(?:CONTROLLED|SCHEDULED)(?:SUBSTANCE|DRUG)?)$/;
const narcotic = /^NARCOTICS?$/;
/** Words beside a schedule. "Non-narcotic" by itself is none: stimulants of schedule II are called that. */
const beside = /^(?:DEA|SCHEDULED?|SCHED|SCH|CLASS|C|N|NON|NARCOTICS?|CONTROLLED|SUBSTANCES?|DRUGS?|MEDICATIONS?)$/;

/** The schedule a code or a word means, undefined where it cannot be read. */
export function scheduleNamed(text: string): NamedSchedule | undefined {
  return namedBy(text) ?? namedAmong(text.split(/[\s(),.;:/_-]+/));
}

/** "CII - Schedule II", "C-IV controlled substance": whatever is said besides the usual words has to say the same. */
function namedAmong(words: readonly string[]): NamedSchedule | undefined {
  const [named, ...others] = words.filter((word) => word !== '' && !beside.test(word.toUpperCase())).map(namedBy);
  if (others.some((other) => other !== named)) return undefined;
  // "No narcotic" says as little.
  return named === 'none' && words.some((word) => narcotic.test(word.toUpperCase())) ? undefined : named;
}

function namedBy(text: string): NamedSchedule | undefined {
  const word = text.toUpperCase().replace(/[\s().:_-]/g, '');
  if (Object.hasOwn(byCode, word)) return byCode[word];
  if (uncontrolled.test(word)) return 'none';
  const [, digits] = numeral.exec(word) ?? [];
  return digits === undefined ? undefined : byNumeral[digits];
}
