import Table from 'cli-table3';
import type { Outcome } from './performance.js';
import type { Move } from './follow.js';

const widths = { prescription: 40, states: 62, tracking: 25 };

/** Prescription, states with seconds since intake, what was owed, tracking, and whether it came out as meant. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['Fate', 'States, seconds after intake', 'Owed', 'Tracking', ''],
    colWidths: [widths.prescription, widths.states, 9, widths.tracking, 5],
    wordWrap: true,
    style: { head: [], border: [], compact: false },
  });
  for (const { fate, story, wrong, owedCents, trackingNumbers } of outcomes) {
    table.push([
      `${fate.name}\n${story.isSent ? story.id : 'not sent'}`,
      statesOf(story.moves),
      dollars(owedCents),
      trackingNumbers.join('\n'),
      wrong.length === 0 ? 'ok' : 'NO',
    ]);
  }
  return table.toString();
}

function statesOf(moves: readonly Move[]): string {
  const begun = Date.parse(moves[0]?.at ?? '');
  return moves.map(({ to, at }) => `${to} ${((Date.parse(at) - begun) / 1000).toFixed(1)}`).join(' → ');
}

function dollars(cents: number | null): string {
  return cents === null ? '–' : `$${(cents / 100).toFixed(2)}`;
}

export type Address = readonly [what: string, where: string];

/** Name and address of each thing to look at, aligned. */
export function addressList(rows: readonly Address[]): string {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, where]) => `  ${what.padEnd(width)}  ${where}`).join('\n');
}
