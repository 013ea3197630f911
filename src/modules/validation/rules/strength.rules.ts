import { formNamed } from '../dispensing-units.js';
import { areSame, ingredientsOf } from '../drug-names/index.js';
import { finding } from '../findings.js';
import { agree, isSolid, strengthIn, strengthText, type NamesMore, type Strength } from '../strengths.js';
import type { Rule } from '../subject.js';
import type { DirectoryDrug } from '../validation-context.js';

const STRENGTH = '/medication/strength';

/** The wrong line of a list is mostly the right drug in another strength. Only masses of one tablet or capsule are compared. */
export const strengthRules: Readonly<Record<string, Rule>> = {
  /** The description is what the prescriber meant, the NDC what is dispensed. */
  strengthAgainstDirectory: ({ order: { medication }, drug }) => {
    const listed = drug === undefined ? [] : listedFor(drug);
    if (drug === undefined || listed.length === 0) return [];
    const { description = '' } = medication;
    const namesMore = whoNamesMore(description, drug);
    const directory = { directoryDrug: drug.name, strength: drug.strength ?? '' };
    return [
      ['/medication/ndc', strengthIn(description)] as const,
      [STRENGTH, strengthStated(medication)] as const,
    ].flatMap(([field, ordered]) =>
      ordered === undefined || listed.some((one) => agree(ordered, one, namesMore))
        ? []
        : [finding('drug.strength-differs', field, { words: { ordered: strengthText(ordered), ...directory } })],
    );
  },

  /** Templates fill the field with whatever stood in them (240 mg of a 10 mg capsule): nobody can tell which one is meant. */
  strengthAgainstDescription: ({ order: { medication }, drug }) => {
    if (drug !== undefined && listedFor(drug).length > 0) return [];
    const { description = '', form } = medication;
    const [described, stated] = [strengthIn(description), strengthStated(medication)];
    if (!described || !stated || agree(described, stated) || !isSolid(description, form)) return [];
    const words = { described: strengthText(described), stated: strengthText(stated) };
    return [finding('drug.strengths-contradict', STRENGTH, { words })];
  },
};

function strengthStated({ strength = '', form = '' }: { strength?: string; form?: string }): Strength | undefined {
  return strengthIn(`${strength} ${formNamed(form)}`);
}

/** Every way in which the directory's line states it: salt and base may stand beside each other. None when it cannot be compared. */
function listedFor({ name, strength = '', form }: DirectoryDrug): Strength[] {
  const own = isSolid(form) ? strengthIn(strength) : undefined;
  return own === undefined ? [] : [own, strengthIn(name) ?? own];
}

/** Of "10-12.5 mg" the half that agrees is no comfort when only order or line holds the second ingredient. */
function whoNamesMore(description: string, { name, genericName }: DirectoryDrug): NamesMore {
  const [ordered, listed] = [ingredientsOf(description), ingredientsOf(`${name} ${genericName}`)];
  // A name nobody here knows may hold anything.
  if (ordered.size === 0 || listed.size === 0) return {};
  if (areSame(ordered, listed)) return { one: false, other: false };
  return { one: !isWithin(ordered, listed), other: !isWithin(listed, ordered) };
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((ingredient) => whole.has(ingredient));
}
