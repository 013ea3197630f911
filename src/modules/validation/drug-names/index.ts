import { numberedCodeineIn } from './numbered-codeine.js';

/**
 * Names under which frequently prescribed ingredients appear in free text: ingredient, then brands. Enough to notice that
 * directions speak of another drug; a name missing here only means one check less. Words of everyday English are left out.
 */
const names = `
acetaminophen tylenol|acyclovir zovirax|adalimumab humira|albuterol ventolin proair proventil|alendronate fosamax|allopurinol zyloprim
alprazolam xanax|amiodarone pacerone|amitriptyline elavil|amlodipine norvasc|amoxicillin augmentin|amphetamine adderall evekeo
apixaban eliquis|aripiprazole abilify|atenolol tenormin|atomoxetine strattera|atorvastatin lipitor|azithromycin zithromax zpak
baclofen lioresal|benazepril lotensin|benzonatate tessalon|bisoprolol zebeta|budesonide pulmicort|buprenorphine suboxone subutex butrans
bupropion wellbutrin zyban|buspirone buspar|carbamazepine tegretol|carisoprodol soma|carvedilol coreg|celecoxib celebrex|cephalexin keflex
cetirizine zyrtec|chlorthalidone thalitone|ciprofloxacin cipro|citalopram celexa|clindamycin cleocin|clonazepam klonopin|clonidine catapres
clopidogrel plavix|codeine|colchicine colcrys|cyclobenzaprine flexeril|dapagliflozin farxiga|dexmethylphenidate focalin
diazepam valium|diclofenac voltaren|digoxin lanoxin|diltiazem cardizem|donepezil aricept|doxycycline vibramycin|dulaglutide trulicity
duloxetine cymbalta|empagliflozin jardiance|enalapril vasotec|escitalopram lexapro|esomeprazole nexium|estradiol estrace|eszopiclone lunesta
etanercept enbrel|ezetimibe zetia|famotidine pepcid|fenofibrate tricor|fentanyl duragesic|finasteride proscar propecia|fluconazole diflucan
fluoxetine prozac|fluticasone flonase flovent|furosemide lasix|gabapentin neurontin|glimepiride amaryl|glipizide glucotrol|haloperidol haldol
hydralazine apresoline|hydrochlorothiazide hctz microzide|hydrocodone norco vicodin hysingla|hydromorphone dilaudid|hydroxychloroquine plaquenil
hydroxyzine vistaril|ibuprofen advil motrin
insulin|insulin-human humulin novolin isophane nph|glargine lantus basaglar toujeo semglee rezvoglar|lispro humalog admelog lyumjev
aspart novolog fiasp|detemir levemir|degludec tresiba|glulisine apidra|irbesartan avapro|isosorbide imdur
lamotrigine lamictal|lansoprazole prevacid|latanoprost xalatan|levetiracetam keppra|levocetirizine xyzal|levofloxacin levaquin
levothyroxine synthroid levoxyl unithroid|linagliptin tradjenta|liraglutide victoza saxenda|lisdexamfetamine vyvanse|lisinopril prinivil zestril
lithium lithobid|loratadine claritin|lorazepam ativan|losartan cozaar|lovastatin mevacor|meclizine antivert|meloxicam mobic|metformin glucophage
methadone dolophine methadose|methocarbamol robaxin|methotrexate trexall|methylphenidate ritalin concerta|methylprednisolone medrol
metoclopramide reglan|metoprolol lopressor toprol|metronidazole flagyl|minocycline minocin|mirtazapine remeron|modafinil provigil
montelukast singulair|morphine kadian avinza mscontin|naloxone narcan|naproxen naprosyn aleve|nifedipine procardia|nitrofurantoin macrobid
nortriptyline pamelor|olanzapine zyprexa|olmesartan benicar|omeprazole prilosec|ondansetron zofran|oxcarbazepine trileptal|oxybutynin ditropan
oxycodone oxycontin percocet roxicodone|oxymorphone opana|pantoprazole protonix|paroxetine paxil|phenobarbital|phentermine adipex|phenytoin dilantin
pioglitazone actos|pravastatin pravachol|prazosin minipress|prednisolone orapred|prednisone deltasone|pregabalin lyrica|promethazine phenergan
propranolol inderal|quetiapine seroquel|quinapril accupril|ramipril altace|ranolazine ranexa|risperidone risperdal|rivaroxaban xarelto
rizatriptan maxalt|ropinirole requip|rosuvastatin crestor|sacubitril entresto|semaglutide ozempic wegovy rybelsus|sertraline zoloft
sildenafil viagra revatio|simvastatin zocor|sitagliptin januvia|solifenacin vesicare|spironolactone aldactone|sulfamethoxazole bactrim
sumatriptan imitrex|tadalafil cialis|tamsulosin flomax|tapentadol nucynta|temazepam restoril|terazosin hytrin|tirzepatide mounjaro zepbound
tizanidine zanaflex|topiramate topamax|tramadol ultram|trazodone desyrel|tretinoin retin-a|triamcinolone kenalog|valacyclovir valtrex
valsartan diovan|venlafaxine effexor|verapamil calan|warfarin coumadin jantoven|zolpidem ambien
`;

/** Name to ingredient, of a table whose entries are an ingredient and its brands. */
export function readNames(table: string): ReadonlyMap<string, string> {
  return new Map(
    table
      .trim()
      .split(/[|\n]/)
      .flatMap((line) => {
        const [ingredient = '', ...brands] = line.trim().split(' ');
        return [ingredient, ...brands].map((name) => [name, ingredient] as const);
      }),
  );
}

export const ingredientByName: ReadonlyMap<string, string> = readNames(names);

/** What else is in a brand of several ingredients: part of the drug, but not what it is known or counted by. */
const companions: ReadonlyMap<string, string> = new Map([
  ['percocet', 'acetaminophen'],
  ['norco', 'acetaminophen'],
  ['vicodin', 'acetaminophen'],
  ['suboxone', 'naloxone'],
  ['entresto', 'valsartan'],
]);

/** A class of drugs, of which none may stand for another: beside one of them its name says nothing more. */
const insulin = 'insulin';
const insulins: ReadonlySet<string> = new Set([
  'insulin-human',
  'glargine',
  'lispro',
  'aspart',
  'detemir',
  'degludec',
  'glulisine',
]);

/** Whether an ingredient is an insulin, or their class. */
export function isInsulin(ingredient: string): boolean {
  return ingredient === insulin || insulins.has(ingredient);
}

/** What opioids are mixed with, and the class of insulins: beside another ingredient it names no drug of its own. */
const additions: ReadonlySet<string> = new Set(['acetaminophen', 'naloxone', insulin]);

/** Short names of what is in a drug. They name no drug: a brand that is not known here may hold it. */
const abbreviations: ReadonlyMap<string, string> = new Map([
  ['apap', 'acetaminophen'],
  ['hct', 'hydrochlorothiazide'],
]);

export interface NamedDrug {
  /** As written, lower case. */
  name: string;
  ingredient: string;
  index: number;
}

/** Known drugs a text names, in its order. */
export function drugsNamedIn(text: string): NamedDrug[] {
  return [...text.toLowerCase().matchAll(/[a-z][a-z-]+/g)].flatMap((match) => {
    const [name] = match;
    const ingredient = ingredientByName.get(name);
    return ingredient === undefined ? [] : [{ name, ingredient, index: match.index }];
  });
}

/** Everything known to be in the drugs a text names, also by names joined with a hyphen ("oxycodone-apap"). */
export function ingredientsOf(text: string): ReadonlySet<string> {
  const ingredients = new Set([
    ...namedApart(text).flatMap(({ name, ingredient }) => [ingredient, companions.get(name) ?? ingredient]),
    ...spaced(text)
      .split(/[^a-z]+/)
      .flatMap((word) => abbreviations.get(word) ?? []),
  ]);
  if ([...ingredients].some((ingredient) => insulins.has(ingredient))) ingredients.delete(insulin);
  return ingredients;
}

/** Whether two texts' ingredients are the same drug: a combination is not the drug that is one half of it. */
export function areSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (one.has(insulin) || other.has(insulin)) return [...one, ...other].every(isInsulin);
  return one.size === other.size && [...one].every((ingredient) => other.has(ingredient));
}

/** Whether both texts name one known ingredient, by whichever of its names: one a drug is known by, not one only added to it. */
export function shareIngredient(one = '', other = ''): boolean {
  const ingredients = knownBy(one);
  return [...knownBy(other)].some((ingredient) => ingredients.has(ingredient));
}

function knownBy(text: string): ReadonlySet<string> {
  const ingredients = new Set(namedApart(text).map(({ ingredient }) => ingredient));
  const leading = [...ingredients].filter((ingredient) => !additions.has(ingredient));
  return leading.length > 0 ? new Set(leading) : ingredients;
}

/** As `drugsNamedIn`, each name of "amoxicillin-clavulanate" ("retin-a" is one name), and the codeine of "Tylenol #3". */
function namedApart(text: string): Omit<NamedDrug, 'index'>[] {
  const numbered = numberedCodeineIn(text) === undefined ? [] : [{ name: 'codeine', ingredient: 'codeine' }];
  return [...drugsNamedIn(text), ...drugsNamedIn(spaced(text)), ...numbered];
}

function spaced(text: string): string {
  return text.toLowerCase().replaceAll('-', ' ');
}
