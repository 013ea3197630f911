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
  met: boolean;
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
  return { ...rounded(result, result.figure / result.reference), goal: '-', met: true };
}

function rounded(result: Omit<Result, 'ratio' | 'goal' | 'met'>, ratio: number) {
  const round = (value: number) => Number(value.toPrecision(4));
  return { ...result, figure: round(result.figure), reference: round(result.reference), ratio: round(ratio) };
}

/** Machines differ and neighbours disturb: a result up to a fifth short of its goal does not fail the gate. */
const tolerated = 0.8;

export function withinGate({ ratio, figure, goal }: Result): boolean {
  const [, measure, comparison, bound] = /^(ratio|figure) ([<>]=) ([\d.]+)$/.exec(goal) ?? [];
  if (bound === undefined) return true;
  const measured = measure === 'ratio' ? ratio : figure;
  return comparison === '>=' ? measured >= Number(bound) * tolerated : measured * tolerated <= Number(bound);
}
