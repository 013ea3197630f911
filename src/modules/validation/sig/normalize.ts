/** One rewriting of SIG text; they run in order. */
type Rewrite = readonly [pattern: RegExp, replacement: string | ((match: string, ...groups: string[]) => string)];

const numberWords: Readonly<Record<string, string>> = {
  half: '0.5',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  eleven: '11',
  twelve: '12',
};

const fraction = (top: string, bottom: string): number => Number(top) / Number(bottom);
const plain = (value: number): string => String(Math.round(value * 1000) / 1000);

const spaces: Rewrite = [/\s+/g, ' '];

/** Marks that separate words without meaning; a dot or colon counts only between digits. */
const punctuation: readonly Rewrite[] = [
  [/½/g, ' 1/2 '],
  [/¼/g, ' 1/4 '],
  [/¾/g, ' 3/4 '],
  [/[‐‑–—]/g, '-'],
  [/(\d),(?=\d{3}(?!\d))/g, '$1'],
  [/\b([a-z])\.([a-z])\.(?:([a-z])\.)?/g, '$1$2$3 '],
  [/[,;#*"'’()[\]]/g, ' '],
  [/(?<!\d)\.(?=\d)/g, ' 0.'],
  [/(?<!\d)[.:]|[.:](?!\d)/g, ' '],
  [/-{2,}/g, ' - '],
];

/** Order entry systems glue their fields together ("bidx9 days", "tidprnas needed", "dailyinstrdo not crush"). */
const glue: readonly Rewrite[] = [
  spaces,
  [/prn/g, ' prn '],
  [/\bint(?= +prn)/g, ' '],
  [/\b([bqt]id)(?=w)/g, '$1 '],
  [/(tab(?:let)?s?|cap(?:sule)?s?)(?=\d)/g, '$1 '],
  [/(\d) ?c(?= (?:po|by mouth|oral|[bqt]id|q ?d|daily))/g, '$1 capsule'],
  [/instr(?!uct|ument)/g, ' instr '],
  [/(\d|[bqt]id|q[dh]s?|daily|days?|bedtime|hrs?|[ap]m)x(?= ?\d)/g, '$1 x '],
  [/\bx(?=\d)/g, 'x '],
  [
    /(\d)(?=(?:tab|cap|m[lg]\b|mls\b|mcg|gm?\b|units?\b|drops?\b|gtts?\b|puffs?\b|hrs?\b|hours?\b|days?\b|d\b|h\b|x\b))/g,
    '$1 ',
  ],
  [/\bq ?(?=\d)/g, 'q '],
  [/(\d)(st|nd|rd|th)\b/g, '$1$2'],
];

/** The same figure in digits and in words: "2 (two) times", "1/2 to 1 one-half to one". */
const sameTwice: Rewrite = [/\b([\d.]+(?:-[\d.]+)?) \1(?= )/g, '$1'];

const numbers: readonly Rewrite[] = [
  spaces,
  [/\b1 ?half\b|\bone[- ]half\b|\bhalf(?: of)? an?\b|\bhalf a\b/g, '0.5'],
  [/\bhalf\b/g, '0.5'],
  [new RegExp(`\\b(${Object.keys(numberWords).join('|')})\\b`, 'g'), (word) => numberWords[word] ?? word],
  [
    /\b(\d+)(?: and |-| )(\d)\/([2348])(?![\d/])/g,
    (_, whole = '', top = '', bottom = '1') => plain(Number(whole) + fraction(top, bottom)),
  ],
  [/(?<![\d/.])(\d)\/([2348])(?![\d/])/g, (_, top = '', bottom = '1') => plain(fraction(top, bottom))],
  // "two (2) and a half"
  [/\b(\d+) (?:\1 )?and (?:an? )?0\.5\b/g, '$1.5'],
  [/(\d) *- *(?=\d)/g, '$1-'],
  sameTwice,
  [/(\d) (?:to|or) (?=\d)/g, '$1-'],
  sameTwice,
];

/** Lower case, no decoration, numbers as digits, glued words apart, single spaces. */
export function normalizeSig(text: string): string {
  const rewritten = [...punctuation, ...glue, ...numbers].reduce(
    (current, [pattern, replacement]) =>
      typeof replacement === 'string' ? current.replace(pattern, replacement) : current.replace(pattern, replacement),
    text.toLowerCase().normalize('NFC').replace(/\s+/g, ' '),
  );
  return rewritten.replace(/\s+/g, ' ').trim();
}
