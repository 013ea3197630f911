import type { Statement } from './tx.js';

/** Names for texts that are put together by what is asked for, one each. Short ones: PostgreSQL cuts them at 63 bytes. */
export function statementsNamed(prefix: string): (text: string) => Statement {
  const known = new Map<string, Statement>();
  return (text) => {
    const statement = known.get(text) ?? { name: `${prefix}_${known.size}`, text };
    known.set(text, statement);
    return statement;
  };
}

/** An instant as JSON has it, for SQL that builds JSON. */
export const jsonInstant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
