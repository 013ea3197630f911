import type { DeaSchedule } from '../../prescriptions/order/index.js';
import { ingredientByName, readNames } from './index.js';
import { numberedCodeineIn } from './numbered-codeine.js';

/**
 * Controlled ingredients in frequent use, 21 CFR 1308.12 to 1308.15, with the brands that are not among the names beside this
 * file. Where the schedule goes by strength or company (codeine in tablets, in syrups) all of them stand here, strictest first.
 * Gabapentin and others that only states control are left out.
 */
const controlled: readonly (readonly [schedules: readonly DeaSchedule[], names: string])[] = [
  [
    ['II'],
    `amphetamine adzenys dyanavel mydayis|benzhydrocodone apadaz|dexmethylphenidate azstarys
    dextroamphetamine dexedrine procentra xelstrym zenzedi|fentanyl actiq fentora
    hydrocodone lorcet lortab tussionex zohydro|hydromorphone|levorphanol|lisdexamfetamine|meperidine demerol|methadone
    methamphetamine desoxyn|methylphenidate aptensio cotempla daytrana jornay metadate methylin quillichew quillivant relexxii
    morphine contin|nabilone cesamet|oxycodone endocet oxaydo percodan roxybond xtampza|oxymorphone|pentobarbital
    secobarbital seconal|tapentadol`,
  ],
  [['II', 'III'], 'dronabinol marinol syndros|opium paregoric'],
  [['II', 'III', 'V'], 'codeine cheratussin virtussin|dihydrocodeine trezix'],
  [
    ['III'],
    `benzphetamine|buprenorphine belbuca brixadi sublocade zubsolv|butalbital ascomp butalb fiorinal|esketamine spravato
    ketamine ketalar|methyltestosterone methitest|nandrolone|oxandrolone|oxybate lumryz xyrem xywav|oxymetholone anadrol
    perampanel fycompa|phendimetrazine
    testosterone androderm androgel fortesta jatenzo kyzatrex natesto testim tlando vogelxo xyosted`,
  ],
  [
    ['IV'],
    `alprazolam|armodafinil nuvigil|butorphanol|carisoprodol|chlordiazepoxide librium|clobazam onfi sympazan|clonazepam
    clorazepate tranxene|daridorexant quviviq|diazepam valtoco|diethylpropion|eluxadoline viberzi|estazolam|eszopiclone|flurazepam
    lemborexant dayvigo|lorazepam loreev|meprobamate|midazolam nayzilam|modafinil|oxazepam|pentazocine|phenobarbital
    phentermine lomaira qsymia|quazepam|solriamfetol sunosi|suvorexant belsomra|temazepam|tramadol conzip seglentis ultracet
    triazolam halcion|zaleplon|zolpidem edluar|zuranolone zurzuvae`,
  ],
  [
    ['V'],
    `brivaracetam briviact|cenobamate xcopri|diphenoxylate lomotil|ganaxolone ztalmy|lacosamide motpoly vimpat|lasmiditan reyvow
    pregabalin`,
  ],
];

/** Exempted products (21 CFR 1308.31 to 1308.34): with these beside it the ingredient is not controlled. */
const exemptWith: ReadonlyMap<string, RegExp> = new Map([
  ['phenobarbital', /\b(?:hyoscyamine|belladonna|scopolamine|atropine|donnatal)\b/],
  ['chlordiazepoxide', /\bclidinium\b/],
  ['butalbital', /\b(?:acetamin\w*|apap|esgic|fioricet)\b/],
  ['methyltestosterone', /\b(?:estrogens?|eemt)\b/],
]);

const schedulesOf: ReadonlyMap<string, readonly DeaSchedule[]> = new Map(
  controlled.flatMap(([schedules, names]) =>
    [...readNames(names).values()].map((ingredient) => [ingredient, schedules] as const),
  ),
);

const controlledByName: ReadonlyMap<string, string> = new Map([
  ...controlled.flatMap(([, names]) => [...readNames(names)]),
  ...[...ingredientByName].filter(([, ingredient]) => schedulesOf.has(ingredient)),
]);

/** "Codeine-free", "no opioid: replaces oxycodone", "fentanyl test strip": named, and not in it. */
const notInIt = {
  before: /\b(?:no|non|not|without|for|formerly|replac\w+|instead of)\W+$/,
  after: /^\W*(?:free|tests?|testing|screen\w*|detection)\b/,
};

export interface ControlledIngredient {
  ingredient: string;
  /** Strictest first; more than one where it depends on the product. */
  schedules: readonly DeaSchedule[];
}

/** The controlled ingredient a description names, the one that asks for most care of several. */
export function controlledIngredientIn(description: string): ControlledIngredient | undefined {
  const text = `${description.toLowerCase()}${numberedCodeineIn(description) === undefined ? '' : ' codeine'}`;
  const named = [...text.matchAll(/[a-z]+/g)].flatMap(({ 0: word, index }) => {
    const ingredient = controlledByName.get(word);
    if (ingredient === undefined || exemptWith.get(ingredient)?.test(text)) return [];
    const isMeant = !notInIt.before.test(text.slice(0, index)) && !notInIt.after.test(text.slice(index + word.length));
    return isMeant ? [{ ingredient, schedules: schedulesOf.get(ingredient) ?? [] }] : [];
  });
  return named.toSorted((one, other) => rankOf(one.schedules[0]) - rankOf(other.schedules[0]))[0];
}

/** Whether a schedule asks for less than every one of these. */
export function isLaxer(schedule: DeaSchedule, schedules: readonly DeaSchedule[]): boolean {
  return schedules.every((one) => rankOf(schedule) > rankOf(one));
}

function rankOf(schedule: DeaSchedule = 'V'): number {
  return ['II', 'III', 'IV', 'V'].indexOf(schedule);
}
