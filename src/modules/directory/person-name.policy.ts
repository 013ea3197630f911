/** Letters that carry no combining mark, so that decomposition leaves them as they are. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

/** Generational suffixes (NCPDP 2017071 HumanName Suffix as written by senders); a birth date tells the two apart. */
const suffixes = new Set(['jr', 'sr', 'junior', 'senior', 'ii', 'iii', 'iv', 'v', '2nd', '3rd', '4th']);

/** "O'Neil-Núñez, Jr." and "ONEIL NUNEZ" are one last name. */
export function comparableLastName(name: string): string {
  const words = wordsOf(name);
  while (words.length > 1 && suffixes.has(words.at(-1) ?? '')) words.pop();
  return words.join('');
}

export function isSameFirstName(one: string, other: string): boolean {
  return wordsOf(one).join('') === wordsOf(other).join('');
}

/**
 * Whether two first names may be one person's: the same, an initial or short form ("J", "Jon" for "Jonathan"), or with and
 * without the middle name. Twins share birth date, address, phone and email; only the first name tells them apart.
 */
export function firstNamesAgree(one: string, other: string): boolean {
  const [left, right] = [wordsOf(one), wordsOf(other)];
  const [first, second] = [left.join(''), right.join('')];
  return first.startsWith(second) || second.startsWith(first) || (left[0] !== undefined && left[0] === right[0]);
}

/** Marks within a word (apostrophe, accent) vanish, marks between words (hyphen, comma, dot) separate. */
function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[ßæœøđðłþı]/g, (letter) => plainLetters[letter] ?? letter)
    .replace(/[\p{M}'’ʼ`´]/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
