import Table from 'cli-table3';

/** `note`: worth knowing. `warn`: works, but somebody should look. `broken`: something needed does not work. */
export type Level = 'ok' | 'note' | 'warn' | 'broken';

export interface Finding {
  area: string;
  level: Level;
  /** What was seen: codes, counts and ids; never a secret, never patient data. */
  found: string;
  /** What to do next; absent when all is well. */
  next?: string;
}

const marks: Readonly<Record<Level, string>> = { ok: 'ok', note: '-', warn: 'look', broken: 'BROKEN' };

export function renderFindings(findings: readonly Finding[]): string {
  const table = new Table({
    head: ['what', '', 'found', 'next'],
    colWidths: [18, 8, 48, 62],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  table.push(...findings.map(({ area, level, found, next = '' }) => [area, marks[level], found, next]));
  return table.toString();
}

export function summaryOf(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const [broken, warned] = [count('broken'), count('warn')];
  if (broken > 0) return `${broken} thing(s) are broken, ${warned} should be looked at.`;
  return warned > 0 ? `Everything needed works; ${warned} thing(s) should be looked at.` : 'Everything works.';
}

export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ level }) => level === 'broken') ? 1 : 0;
}

/** A check that itself fails is a finding; its message may hold data, its code does not. */
export async function checked(area: string, next: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [{ area, level: 'broken', found: `failed: ${problemCode(error)}`, next }];
  }
}

export function problemCode(error: unknown): string {
  const { code, statusCode, status, responseCode, name, cause } = (error ?? {}) as Record<string, unknown>;
  const told = [code, statusCode, status, responseCode].find(
    (one) => typeof one === 'string' || typeof one === 'number',
  );
  if (told !== undefined) return String(told);
  // fetch hides the reason of a failed connection behind a TypeError.
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return typeof name === 'string' ? name : 'unknown';
}
