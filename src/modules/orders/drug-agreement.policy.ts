import { drugsNamedIn, isInsulin } from '../validation/drug-names/index.js';

/** How a drug is made or given: words that two names of one drug need not share, and of two drugs often do. */
const otherWords = new Set(
  `compounded compound injection injectable injections inj vial vials pen pens syringe kit tablet tablets tab tabs capsule
   capsules cap caps solution suspension cream gel ointment patch spray drops troche troches oral sublingual topical subcutaneous
   subq nasal vitamin mcg unit units dose doses weekly daily month week extended release delayed generic brand plus with and for
   hcl hydrochloride acetate sodium base`.split(/\s+/),
);

export type DrugAgreement = 'same' | 'different' | 'unclear';

/**
 * Whether two names are one drug. Strengths and forms are written in too many ways; one that names fewer ingredients says less, not
 * otherwise. Different is only what is known: of the rest one may be the other's brand.
 */
export function agreementOf(one: string | null, other: string | null): DrugAgreement {
  const [mine, theirs] = [ingredientsIn(one ?? ''), ingredientsIn(other ?? '')];
  if (mine.size === 0 || theirs.size === 0) return 'unclear';
  const [fewer, more] = mine.size < theirs.size ? [mine, theirs] : [theirs, mine];
  if ([...fewer].every((ingredient) => more.has(ingredient))) return 'same';
  return isKnown(one ?? '') && isKnown(other ?? '') ? 'different' : 'unclear';
}

/** By their generic names where the name is known; else as written, letters with a number (B12) included. */
function ingredientsIn(name: string): ReadonlySet<string> {
  const known = drugsNamedIn(name).map(({ ingredient }) => ingredient);
  // "Lantus" says more than "insulin", and not otherwise.
  if (known.length > 0) return new Set(known.some(isInsulin) ? ['insulin', ...known] : known);
  const words = name.toLowerCase().match(/\b(?:[a-z]{3,}|[a-z]\d{1,2})\b/g) ?? [];
  return new Set(words.filter((word) => !otherWords.has(word)));
}

function isKnown(name: string): boolean {
  return drugsNamedIn(name).length > 0;
}
