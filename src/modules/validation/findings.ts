import { findingCodes, type FindingCode, type Severity } from './finding-codes.js';

export type { FindingCode, Severity } from './finding-codes.js';

export interface Finding {
  code: FindingCode;
  severity: Severity;
  /** JSON pointer (RFC 6901) into the order. */
  field: string;
  /** A sentence a prescriber understands, free of patient data. */
  message: string;
  /** Hold or reject reason of VA Inbound ePrescribing. */
  vaCode?: string;
  /** The rule's own source: "21 CFR 1306.22". */
  source?: string;
}

export interface FindingDetails {
  /** Words for the {names} of the sentence: what the prescriber wrote about drug and quantity. */
  words?: Readonly<Record<string, string>>;
  source?: string;
  /** Where a setting, or what else is known, decides the weight. */
  severity?: Severity;
}

export function finding(code: FindingCode, field: string, details: FindingDetails = {}): Finding {
  const { severity, message, vaCode } = findingCodes[code];
  return {
    code,
    severity: details.severity ?? severity,
    field,
    message: message.replace(/\{(\w+)\}/g, (_, name: string) => clipped(details.words?.[name] ?? '')),
    ...(vaCode !== undefined && { vaCode }),
    ...(details.source !== undefined && { source: details.source }),
  };
}

/** A prescription goes on only when nothing blocks it. */
export function isBlocked(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'blocks');
}

/** Senders put anything into a drug code; a sentence quotes no more than fits one line. */
function clipped(word: string): string {
  return word.length > 60 ? `${word.slice(0, 59)}…` : word;
}
