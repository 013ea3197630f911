/** Acetaminophen and codeine of one tablet in milligrams, by the number after the name: "Tylenol #3". */
const tablets: Readonly<Record<string, readonly [acetaminophen: number, codeine: number]>> = {
  2: [300, 15],
  3: [300, 30],
  4: [300, 60],
};

/** "Tylenol #3", "Tylenol with codeine No. 3", "acetaminophen-cod #3": the number follows the name; elsewhere it is a count. */
const numbered =
  /\b(?:tylenol|acetaminophen|apap)\b[ (/-]*(?:(?:with|w|and|&|\+)[ /]*)?(?:cod(?:eine)?\b)?[ )-]*(?:tab(?:let)?s? )?(?:#|no\b\.?|number) ?([234])(?!\.?\d)/;

/** What a numbered combination of acetaminophen and codeine holds; undefined where a text speaks of none. */
export function numberedCodeineIn(text: string): readonly [acetaminophen: number, codeine: number] | undefined {
  return tablets[numbered.exec(text.toLowerCase())?.[1] ?? ''];
}
