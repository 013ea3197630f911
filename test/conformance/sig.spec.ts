import { parseSig, valueOf, type ParsedSig } from '../../src/modules/validation/sig/index.js';
import { describeWithFixtures, jsonFixture } from './fixtures.js';

interface ExpectedSig {
  sig: string;
  method: string | null;
  dose: number | null;
  dose_max: number | null;
  dose_unit: string | null;
  route: string | null;
  frequency: number | null;
  frequency_max: number | null;
  period: number | null;
  period_max: number | null;
  period_unit: string | null;
  duration: number | null;
  as_needed: number | null;
  max_dose_per_day: number | null;
}

type Comparison = (parsed: ParsedSig, expected: ExpectedSig) => boolean;

const same = (value: unknown, expected: unknown): boolean => (value ?? null) === expected;

const comparisons: Readonly<Record<string, Comparison>> = {
  method: (parsed, expected) => same(valueOf(parsed.method), expected.method),
  dose: (parsed, { dose, dose_max }) =>
    same(valueOf(parsed.dose)?.value, dose) && same(valueOf(parsed.dose)?.max, dose_max),
  unit: (parsed, expected) => same(valueOf(parsed.unit), expected.dose_unit),
  route: (parsed, expected) => same(valueOf(parsed.route), expected.route),
  frequency: (parsed, { frequency, frequency_max }) =>
    same(valueOf(parsed.frequency)?.value, frequency) && same(valueOf(parsed.frequency)?.max, frequency_max),
  period: (parsed, { period, period_max, period_unit }) => {
    const read = valueOf(parsed.period);
    return same(read?.value, period) && same(read?.max, period_max) && same(read?.unit, period_unit);
  },
  duration: (parsed, expected) => same(valueOf(parsed.duration)?.value, expected.duration),
  asNeeded: (parsed, expected) => (valueOf(parsed.asNeeded) === true) === (expected.as_needed === 1),
};

/**
 * Lowest agreement accepted, in percent. The oracle is another rule-based parser, not the truth: it gives a dose of one to
 * "apply topically" and drops all but the first of several times a day, which this parser refuses to do.
 */
const floors: Readonly<Record<string, number>> = {
  method: 95,
  dose: 94,
  unit: 94,
  route: 95,
  frequency: 95,
  period: 96,
  duration: 90,
  asNeeded: 99,
};

describeWithFixtures('SIG parser beside parserx', () => {
  const { cases } = jsonFixture('sig/parserx_expected.json') as { cases: ExpectedSig[] };
  const pairs = cases.map((expected) => ({ parsed: parseSig(expected.sig), expected }));
  const agreement = Object.entries(comparisons).map(([field, agrees]) => {
    const agreed = pairs.filter(({ parsed, expected }) => agrees(parsed, expected)).length;
    return { field, agreed, of: cases.length, percent: Math.round((agreed / cases.length) * 1000) / 10 };
  });

  it.each(agreement)('$field agrees in $agreed of $of texts ($percent %)', ({ field, percent }) => {
    expect(percent).toBeGreaterThanOrEqual(floors[field] ?? 100);
  });
});
