import { readFile, writeFile } from 'node:fs/promises';

/** One line of the table and of bench/results.json. */
export interface Result {
  id: string;
  what: string;
  figure: number;
  unit: string;
  /** The same measure of the reference, in the same run. */
  reference: number;
  /** figure / reference */
  ratio: number;
  goal: string;
  /** Null: there is no goal. */
  met: boolean | null;
}

export function atLeast(goal: number, result: Omit<Result, 'ratio' | 'goal' | 'met'>): Result {
  const ratio = result.figure / result.reference;
  return { ...rounded(result, ratio), goal: `ratio >= ${goal}`, met: ratio >= goal };
}

export function atMost(goal: number, result: Omit<Result, 'ratio' | 'goal' | 'met'>): Result {
  const ratio = result.figure / result.reference;
  return { ...rounded(result, ratio), goal: `ratio <= ${goal}`, met: ratio <= goal };
}

/** A goal in the figure's own unit; the reference is what it comes on top of. */
export function within(bound: number, result: Omit<Result, 'ratio' | 'goal' | 'met'>): Result {
  const ratio = result.figure / result.reference;
  return { ...rounded(result, ratio), goal: `figure <= ${bound}`, met: result.figure <= bound };
}

/** Figures beside a goal, without one of their own. */
export function beside(result: Omit<Result, 'ratio' | 'goal' | 'met'>): Result {
  return { ...rounded(result, result.figure / result.reference), goal: '-', met: null };
}

function rounded(result: Omit<Result, 'ratio' | 'goal' | 'met'>, ratio: number) {
  const round = (value: number) => Number(value.toPrecision(4));
  return { ...result, figure: round(result.figure), reference: round(result.reference), ratio: round(ratio) };
}

/** A result as bench/results.json keeps it. */
export interface KeptResult extends Result {
  machine: string;
  /** Date of the run, UTC. */
  measured: string;
}

const file = 'bench/results.json';

export async function keptResults(): Promise<KeptResult[]> {
  return JSON.parse(await readFile(file, 'utf8')) as KeptResult[];
}

/** Takes the place of earlier results of the same ids; the others stay, with the machine and day they were measured on. */
export async function writeResults(results: readonly Result[], machine: string): Promise<void> {
  const measured = new Date().toISOString().slice(0, 10);
  const fresh = new Map(results.map((result) => [result.id, { ...result, machine, measured }]));
  const earlier = await keptResults();
  const updated = earlier.map((kept) => fresh.get(kept.id) ?? kept);
  const known = new Set(earlier.map(({ id }) => id));
  const added = [...fresh.values()].filter(({ id }) => !known.has(id));
  await writeFile(file, `${JSON.stringify([...updated, ...added], null, 2)}\n`);
}

/** Machines differ and neighbours disturb: a result up to a fifth short of its goal does not fail the gate. */
const tolerated = 0.8;

export function withinGate({ ratio, figure, goal }: Result): boolean {
  const [, measure, comparison, bound] = /^(ratio|figure) ([<>]=) ([\d.]+)$/.exec(goal) ?? [];
  if (bound === undefined) return true;
  const measured = measure === 'ratio' ? ratio : figure;
  return comparison === '>=' ? measured >= Number(bound) * tolerated : measured * tolerated <= Number(bound);
}
