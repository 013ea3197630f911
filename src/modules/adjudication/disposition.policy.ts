import type { ClaimAnswer } from './gateways/claim-switch.port.js';

/** What a payer's answer to a B1 means. */
export interface Disposition {
  outcome: 'paid' | 'rejected' | 'deferred' | 'unknown' | 'host-down';
  /** The payer had this claim before (D, Q): the same amounts, nothing new. */
  repeated: boolean;
  /** "Paid" together with reject codes: counts as rejected, and somebody must look. */
  conflict: boolean;
}

/** NCPDP 112-AN of a B1. `A` answers reversals and the like, never a claim. */
const outcomeOfStatus: ReadonlyMap<string, Disposition['outcome']> = new Map([
  ['P', 'paid'],
  ['C', 'paid'],
  ['D', 'paid'],
  ['Q', 'paid'],
  ['R', 'rejected'],
  ['F', 'deferred'],
]);

const repeats: ReadonlySet<string> = new Set(['D', 'Q']);

/** The payer's computer, not the payer, said no: the claim was not judged. */
const hostDownCodes: ReadonlySet<string> = new Set(['92', '99']);

/** Whether these codes, of a claim or of a reversal, say so and nothing else. */
export const isHostDown = (rejectCodes: readonly string[]): boolean =>
  rejectCodes.length > 0 && rejectCodes.every((code) => hostDownCodes.has(code));

/** Any reject code means rejected, whatever the status says; a status we do not know is never paid. */
export function dispositionOf(answer: Pick<ClaimAnswer, 'status' | 'rejectCodes' | 'amounts'>): Disposition {
  const { status, rejectCodes, amounts } = answer;
  const said = outcomeOfStatus.get(status) ?? 'unknown';
  const rejects = rejectCodes.length > 0;
  const conflict = said === 'paid' && rejects;
  if (!conflict && isHostDown(rejectCodes)) {
    return { outcome: 'host-down', repeated: false, conflict: false };
  }
  if (rejects && said !== 'deferred') return { outcome: 'rejected', repeated: false, conflict };
  if (said === 'paid' && amounts === undefined) return { outcome: 'unknown', repeated: false, conflict: false };
  return { outcome: said, repeated: said === 'paid' && repeats.has(status), conflict: false };
}

/** Words that make the date behind them another one than that of the next fill. */
const otherDate = 'LAST|PREV(?:IOUS)?|PRIOR|FILLED|PAID|DISPENSED';

/** `NEXT … FILL …` and a date, a few words between them: payers word it as they like, and write the date in three ways. */
const nextFill = new RegExp(
  String.raw`\bNEXT(?:[^\dA-Z]+[A-Z]+){0,2}?[^\dA-Z]+(?:RE)?FILL(?:[^\dA-Z]+(?!(?:${otherDate})\b)[A-Z]+){0,4}?[^\dA-Z]{0,3}` +
    String.raw`(?:(?<year>\d{4})(?<dash>[-/]?)(?<month>\d{2})\k<dash>(?<day>\d{2})|(?<usMonth>\d{1,2})/(?<usDay>\d{1,2})/(?<usYear>\d{4}))\b`,
  'gi',
);

/** Only the date is taken out of a payer's free text; the text itself stays sealed. */
export function nextFillDateOf(messages: readonly string[]): string | undefined {
  for (const message of messages) {
    for (const { groups = {} } of message.matchAll(nextFill)) {
      const { year = groups['usYear'], month = groups['usMonth'], day = groups['usDay'] } = groups;
      const date = [year, month?.padStart(2, '0'), day?.padStart(2, '0')].join('-');
      const instant = new Date(`${date}T00:00:00Z`);
      if (!Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date)) return date;
    }
  }
  return undefined;
}
