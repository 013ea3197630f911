import { readFileSync } from 'node:fs';
import type { KeptResult } from '../../bench/results.js';

/** What `npm run bench` measured last, with what it missed. */
export function figuresTable(): string {
  const figures = JSON.parse(readFileSync('bench/results.json', 'utf8')) as KeptResult[];
  const rows = figures.map((one) => {
    const { id, what, figure, unit, reference, ratio, goal, met } = one;
    const verdict = goal === '-' ? '' : `${goal}, ${met ? 'met' : '**missed**'}`;
    return `| \`${id}\` | ${what} | ${figure} ${unit} | ${reference} | ${ratio} | ${verdict} |`;
  });
  const places = [...new Set(figures.map(({ machine, measured }) => `${machine}, ${measured}`))];
  const head = '| id | what | figure | reference | ratio | goal |\n| --- | --- | --- | --- | --- | --- |';
  return `${head}\n${rows.join('\n')}\n\nMeasured on: ${places.join('; ')}.`;
}
