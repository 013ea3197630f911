/** GSM 03.38 default alphabet; those of the extension cost two septets. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extended = new Set('^{}\\[~]|€');

/** One message without segments: one "smart quote" more and every message costs twice. */
export const singleSms = 160;

/** @returns septets, or undefined when a character is outside of GSM-7 */
export function gsm7Length(text: string): number | undefined {
  let length = 0;
  for (const character of text) {
    if (basic.has(character)) length += 1;
    else if (extended.has(character)) length += 2;
    else return undefined;
  }
  return length;
}

const replacements: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2013': '-',
  '\u2014': '-',
  '\u2026': '...',
  '\u00a0': ' ',
};

/** The nearest text within GSM-7: accents outside of the alphabet are dropped. Undefined for names in other scripts. */
export function toGsm7(text: string): string | undefined {
  const spelled = Array.from(text, (character) => (isGsm7(character) ? character : plain(character))).join('');
  return isGsm7(spelled) ? spelled : undefined;
}

/** The longest of the wordings that fits one message; the last one when none does. They are ordered from long to short. */
export function fittingSms(wordings: readonly [string, ...string[]]): string {
  return wordings.find((wording) => (gsm7Length(wording) ?? Infinity) <= singleSms) ?? wordings.at(-1) ?? wordings[0];
}

function isGsm7(text: string): boolean {
  return gsm7Length(text) !== undefined;
}

function plain(character: string): string {
  return replacements[character] ?? character.normalize('NFKD').replace(/\p{M}/gu, '');
}
