import { formNamed } from './dispensing-units.js';
import { ingredientsOf } from './drug-names/index.js';
import { numberedCodeineIn } from './drug-names/numbered-codeine.js';

/** Micrograms in one tablet or capsule, ingredient by ingredient in the order of the text. */
export type Strength = readonly number[];

const microgramsIn: readonly (readonly [unit: RegExp, micrograms: number])[] = [
  [/^(?:mcgs?|[uµμ]g|micrograms?)$/, 1],
  [/^(?:mgs?|milligrams?)$/, 1_000],
  [/^(?:gm?s?|grams?)$/, 1_000_000],
];

const figure = String.raw`(?:\d+(?:\.\d+)?|\.\d+)`;
const figures = String.raw`${figure}(?:\s*[-/]\s*${figure})*`;
const unit = '(?:micrograms?|milligrams?|grams?|mcgs?|mgs?|gms?|[uµμ]g|g)';
/** "10 mg", "20-25 mg", "0.25-35 mg-mcg". */
const measured = new RegExp(String.raw`(?<![\w.,])(${figures})\s*(${unit}(?:-${unit})*)(?![a-z])`, 'g');
/** "5/325", where nobody wrote the unit. */
const bare = new RegExp(String.raw`(?<![\w.,/-])(${figure}(?:\s*[-/]\s*${figure})+)(?![\w.,%/-])`);

/** Per volume, time or area, or in no mass: what one dose holds depends on how much of it is given. */
const notPerPiece = [
  /%|\b(?:units?|iu|meq|mmol|ml|mls|cc)\b/,
  /(?:\/|\bper\b)\s*[\d.]*\s*(?:l|h|hr|hrs|hours?|days?|dose|doses|act|actuations?|inh|sprays?|puffs?|drops?|g|gm|grams?|kg|m2|cm2)\b/,
];
const solid = /\b(?:tab(?:let)?s?|cap(?:sule)?s?|caplets?|lozenges?|troches?|films?)\b/;
const otherForms =
  /\b(?:solution|suspension|syrup|elixir|liquid|drops?|inject\w*|pens?|syringes?|vials?|ampu\w*|patch(?:es)?|transdermal|cream|ointment|gel|lotion|foam|paste|inhal\w*|aerosol|spray|powder|granules?|kit|suppositor\w*|implant|insert|ring|topical|ophthalmic|otic)\b/;

/** Whether these words, or codes of a form, speak of a tablet or capsule and of nothing else. */
export function isSolid(...texts: readonly (string | undefined)[]): boolean {
  const words = texts.map((text = '') => formNamed(text)).join(' ');
  return solid.test(words) && !otherForms.test(words);
}

/** What a text says is in one tablet or capsule; undefined where that cannot be told. */
export function strengthIn(text: string): Strength | undefined {
  // "1,000 mg" is a thousand; a comma elsewhere is somebody's decimal point, or a list.
  const plain = text.toLowerCase().replace(/(?<=\b[1-9]\d{0,2}),(?=\d{3}\b)/g, '');
  if (otherForms.test(plain) || notPerPiece.some((pattern) => pattern.test(plain))) return undefined;
  const groups = [...plain.matchAll(measured)].map(([, values = '', units = '']) => massesOf(values, units));
  if (groups.some((group) => group === undefined)) return undefined;
  const masses = groups.length > 0 ? groups.flatMap((group) => group ?? []) : unmeasured(plain);
  return masses === undefined || masses.some((mass) => mass <= 0) ? undefined : masses;
}

/** Which of two texts names an ingredient the other has not. */
export interface NamesMore {
  one?: boolean;
  other?: boolean;
}

/**
 * Neither names what the other does not hold ("875 mg" of 875-125 mg), or one is the sum of the other ("20 mg" of four salts).
 * @param namesMore then the other may not lack the strength of it: a partner that nobody names is left unsaid, not missing
 */
export function agree(one: Strength, other: Strength, namesMore: NamesMore = {}): boolean {
  const lacks =
    (namesMore.one === true && other.length < one.length) || (namesMore.other === true && one.length < other.length);
  return (!lacks && (isWithin(one, other) || isWithin(other, one))) || isSumOf(one, other) || isSumOf(other, one);
}

/** "20 mg + 25 mg" */
export function strengthText(strength: Strength): string {
  return strength.map((mass) => (mass < 1_000 ? `${mass} mcg` : `${mass / 1_000} mg`)).join(' + ');
}

function massesOf(values: string, units: string): Strength | undefined {
  const numbers = values.split(/[-/]/).map(Number);
  const factors = units.split('-').map(microgramsOf);
  if (factors.length > 1 && factors.length !== numbers.length) return undefined;
  return numbers.map((value, index) => rounded(value * (factors[index] ?? factors[0] ?? 0)));
}

function unmeasured(text: string): Strength | undefined {
  return bareMassesOf(text) ?? numberedCodeineIn(text)?.map((milligrams) => milligrams * 1_000);
}

/** Milligrams, where there is one figure for each ingredient the text names: other figures are days, or the name of a brand. */
function bareMassesOf(text: string): Strength | undefined {
  const numbers = bare.exec(text)?.[1]?.split(/[-/]/).map(Number);
  return numbers?.length === ingredientsOf(text).size ? numbers.map((value) => rounded(value * 1_000)) : undefined;
}

function microgramsOf(word: string): number {
  return microgramsIn.find(([pattern]) => pattern.test(word))?.[1] ?? 0;
}

/** A thousandth of a microgram is nothing anybody prescribes; 0.1 + 0.2 is. */
function rounded(micrograms: number): number {
  return Math.round(micrograms * 1_000) / 1_000;
}

function isWithin(part: Strength, whole: Strength): boolean {
  return part.every((mass) => whole.includes(mass));
}

function isSumOf([sum, ...others]: Strength, parts: Strength): boolean {
  return others.length === 0 && sum === rounded(parts.reduce((total, mass) => total + mass, 0));
}
