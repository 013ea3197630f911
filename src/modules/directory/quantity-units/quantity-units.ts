/** NCPDP 600-28: payers count pieces, millilitres or grams, nothing else. */
export type BillingUnit = 'EA' | 'ML' | 'GM';

export interface QuantityUnit {
  /** NCI Thesaurus code, as in SCRIPT QuantityUnitOfMeasure. */
  code: string;
  /** The word directions use for it. */
  word: string;
  /** Undefined where no payer counts in it. */
  billed: BillingUnit | undefined;
}

const UNSPECIFIED = 'C38046';

/** Every unit of SCRIPT with how it is billed and what other doors call it: UCUM, HL7 orderableDrugForm, NCPDP, plain words. */
const units: readonly (readonly [code: string, word: string, billed: BillingUnit | undefined, names: string])[] = [
  [
    'C48542',
    'tablet',
    'EA',
    'tab tabs tbl tablet tablets ortab buctab srbuctab chewtab cptab disintab drtab ectab erectab ertab ertab12 ertab24 sltab vagtab',
  ],
  ['C64696', 'tablet', 'EA', 'caplet caplets'],
  ['C48480', 'capsule', 'EA', 'cap caps capsule capsules orcap entcap erentcap ercap ercap12 ercap24'],
  ['C64933', 'each', 'EA', 'ea each 1 piece pieces'],
  ['C28254', 'mL', 'ML', 'ml mls cc cm3 cm^3 milliliter milliliters millilitre millilitres'],
  ['C48155', 'gram', 'GM', 'g gm gms gram grams'],
  ['C28253', 'milligram', undefined, 'mg mgs milligram milligrams'],
  ['C48524', 'patch', 'EA', 'patch patches tpatch tpath16 tpath24 tpath72 tpath2wk tpathwk'],
  ['C48539', 'suppository', 'EA', 'supp supps suppository suppositories recsupp vagsupp urethsupp'],
  ['C48506', 'lozenge', 'EA', 'lozenge lozenges'],
  ['C48548', 'lozenge', 'EA', 'troche troches ortroche'],
  ['C48521', 'packet', 'EA', 'packet packets sachet sachets'],
  ['C53499', 'film', 'EA', 'film films'],
  ['C48504', 'kit', 'EA', 'kit kits'],
  ['C62412', 'applicator', 'EA', 'applicator applicators'],
  ['C54564', 'blister', 'EA', 'blister blisters'],
  ['C69124', 'gum', 'EA', 'gum gums'],
  ['C48499', 'implant', 'EA', 'implant implants'],
  ['C62276', 'insert', 'EA', 'insert inserts'],
  ['C120263', 'lancet', 'EA', 'lancet lancets'],
  ['C65032', 'pad', 'EA', 'pad pads medpad'],
  ['C120216', 'pen needle', 'EA', 'penneedle penneedles'],
  ['C62609', 'ring', 'EA', 'ring rings'],
  ['C53502', 'sponge', 'EA', 'sponge sponges'],
  ['C53503', 'stick', 'EA', 'stick sticks'],
  ['C48538', 'strip', 'EA', 'strip strips'],
  ['C53504', 'swab', 'EA', 'swab swabs medswab'],
  ['C48552', 'wafer', 'EA', 'wafer wafers'],
  [UNSPECIFIED, 'unspecified unit', undefined, ''],
];

const byName: ReadonlyMap<string, QuantityUnit> = new Map(
  units.flatMap(([code, word, billed, names]) =>
    [code.toLowerCase(), ...names.split(' ')].filter(Boolean).map((name) => [name, { code, word, billed }]),
  ),
);

/**
 * Packages no payer counts in, and SCRIPT no longer knows; a line of the directory may still be priced by one. What counts pieces
 * itself, a bottle or a box, is left out: thirty tablets are not thirty boxes.
 */
const packages: ReadonlyMap<string, string> = new Map(
  [
    ['C48473', 'ampule ampules ampoule ampoules'],
    ['C48540', 'syringe syringes'],
    ['C48549', 'tube tubes'],
    ['C48551', 'vial vials'],
  ].flatMap(([code = '', names = '']) => [code.toLowerCase(), ...names.split(' ')].map((name) => [name, code])),
);

/** The unit a door means by "C48542", "TAB", "{tbl}" or "Tablet(s)"; undefined for one nobody here knows. */
export function quantityUnitOf(text: string): QuantityUnit | undefined {
  return byName.get(plain(text));
}

/** The unit a price or a claim is for: one vial is one piece. */
export function pricedUnitOf(text: string): QuantityUnit | undefined {
  return quantityUnitOf(packages.has(plain(text)) ? 'each' : text);
}

/** Whether it is left open what a quantity counts. */
export function isUnitOpen(quantityUnit: string | undefined): boolean {
  return quantityUnit === undefined || quantityUnitOf(quantityUnit)?.code === UNSPECIFIED;
}

/** Whether a quantity in one unit can be multiplied by a price per other unit: a pen is no millilitre, "unspecified" may be either. */
export function isCountedAs(quantityUnit: string, pricedUnit: string): boolean {
  const [counted, priced] = [quantityUnitOf(quantityUnit), pricedUnitOf(pricedUnit)];
  const sold = packages.get(plain(quantityUnit));
  const samePackage = sold !== undefined && sold === packages.get(plain(pricedUnit));
  return samePackage || isUnitOpen(quantityUnit) || counted?.billed === priced?.billed;
}

/** Whether two units we know count the same: a vial is a piece, but no syringe and no tablet. */
export function isSameUnit(one: string, other: string): boolean {
  const [unit, otherUnit] = [pricedUnitOf(one), pricedUnitOf(other)];
  if (unit === undefined || otherUnit === undefined) return false;
  const [sold, otherSold] = [packages.get(plain(one)), packages.get(plain(other))];
  if (sold !== undefined && otherSold !== undefined) return sold === otherSold;
  const isPackage = (sold ?? otherSold) !== undefined;
  return unit.code === otherUnit.code || (!isPackage && unit.billed !== undefined && unit.billed === otherUnit.billed);
}

/** What stands in the prescription's row: the code of a unit we know, any other as it came. */
export function quantityUnitCode(text: string): string {
  return quantityUnitOf(text)?.code ?? text;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[{}().\s]/g, '');
}
