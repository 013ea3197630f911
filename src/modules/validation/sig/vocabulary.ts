import type { Amount, Period, PeriodUnit } from './sig.js';

/** Figures as normalisation leaves them: "1", "0.5", "1-2". */
export const figure = String.raw`\d+(?:\.\d+)?`;
export const figures = String.raw`(${figure})(?:-(${figure}))?`;

export type Term = readonly [word: string, pattern: string];

export const wordOf = (terms: readonly Term[], text: string): string | undefined =>
  terms.find(([, pattern]) => new RegExp(`^(?:${pattern})$`).test(text))?.[0];

/** Units a dose is counted in. */
export const doseUnits: readonly Term[] = [
  ['tablet', String.raw`tab(?:let)?s?|tabl`],
  ['capsule', String.raw`cap(?:sule)?s?`],
  ['mL', String.raw`mls?|millilit(?:er|re)s?|cc`],
  ['teaspoon', String.raw`teaspoon(?:ful)?s?|tsps?`],
  ['tablespoon', String.raw`tablespoon(?:ful)?s?|tbsps?`],
  ['drop', String.raw`drops?|gtts?`],
  ['puff', String.raw`puffs?|inhalations?`],
  ['spray', String.raw`sprays?`],
  ['application', String.raw`applications?|applicator(?:ful)?s?`],
  ['patch', String.raw`patch(?:es)?`],
  ['vial', String.raw`vials?`],
  ['ampule', String.raw`amp(?:o?ule)?s?`],
  ['suppository', String.raw`suppositor(?:y|ies)`],
  ['unit', String.raw`(?:international )?units?|iu|u`],
  ['packet', String.raw`packets?|sachets?`],
  ['pill', String.raw`pills?`],
  ['lozenge', String.raw`lozenges?|troches?`],
  ['film', String.raw`films?`],
  ['pen', String.raw`pens?`],
  ['syringe', String.raw`syringes?`],
  ['gum', String.raw`pieces? of gum|gums?`],
  ['strip', String.raw`strips?`],
];

/** The unit that a word of another system names: "TAB", "{Capsule}", "mL". */
export function doseUnitNamed(word: string): string | undefined {
  return wordOf(doseUnits, word.toLowerCase().replace(/[^a-z]/g, ''));
}

/** Units of strength: they say how much drug, not how many to take. */
export const strengthUnits: readonly Term[] = [
  ['mg', String.raw`mgs?|milligrams?`],
  ['mcg', String.raw`mcgs?|micrograms?|µg|ug`],
  ['g', String.raw`gms?|grams?|g`],
  ['mEq', String.raw`meqs?|milliequivalents?`],
];

export const methods: readonly Term[] = [
  ['take', 'takes?|taking'],
  ['apply', 'apply|applies'],
  ['inhale', 'inhale|inh'],
  ['instill', 'instill?'],
  ['inject', 'inject'],
  ['insert', 'insert'],
  ['dissolve', 'dissolve|let dissolve'],
  ['chew', 'chew'],
  ['place', 'place'],
  ['put', 'put'],
  ['give', 'give'],
  ['administer', 'administer'],
  ['swallow', 'swallow'],
  ['spray', 'spray'],
  ['swish', 'swish'],
  ['irrigate', 'irrigate'],
  ['rinse', 'rinse'],
  ['wash', 'wash'],
  ['drink', 'drink'],
  ['mix', 'mix'],
  ['use', 'use'],
];

/** Most particular first: "inhale 2 puffs by mouth" goes into the lungs. */
export const routes: readonly Term[] = [
  ['via nebulizer', String.raw`nebuli[sz](?:er|ed|ation)|neb`],
  ['into the lungs', String.raw`inhal(?:e|ed|er|ation|ations|es)|inh|into (?:the )?lungs`],
  ['under the tongue', String.raw`sl|sublingual(?:ly)?|(?:under|beneath) (?:the |your )?tongue`],
  ['in the cheek', String.raw`buccal(?:ly)?|(?:inside|in|between) (?:the |your )?cheeks?`],
  [
    'in eye(s)',
    String.raw`ophthalmic(?:ally)?|(?:in|into|to|on) (?:(?:the|each|both|right|left|affected|your) )*eye(?:s|lids?)?|ou|os`,
  ],
  ['in each ear', String.raw`otic(?:ally)?|(?:in|into|to) (?:(?:the|each|both|right|left|affected|your) )*ears?`],
  [
    'in each nostril',
    String.raw`(?:intra)?nasal(?:ly)?|(?:in|into|to|irrigate) (?:(?:the|each|both|right|left|one|your) )*(?:nostrils?|nose)`,
  ],
  ['rectally', String.raw`pr|rectal(?:ly)?|per rectum|(?:in|into) (?:the )?rectum`],
  ['vaginally', String.raw`pv|(?:intra)?vaginal(?:ly)?|(?:in|into) (?:the )?vagina`],
  ['under the skin', String.raw`sub ?q|sq|sc|subcut(?:aneous(?:ly)?)?|under (?:the |your )?skin`],
  ['into the muscle', String.raw`im|intramuscular(?:ly)?|(?:in|into) (?:the )?muscle`],
  ['into a vein', String.raw`iv|ivp|ivpb|intravenous(?:ly)?`],
  ['onto the skin', String.raw`transdermal(?:ly)?`],
  [
    'topically',
    String.raw`topical(?:ly)?|(?:to|on|onto|over) (?:(?:the|your|affected) )*(?:skin|areas?|face|scalp|nails?|site|hands?|feet)`,
  ],
  ['by mouth', String.raw`po|oral(?:ly)?|by mouth|per os|in (?:the )?mouth`],
];

/** Routes a dose form leaves no choice about; used only when the text names none. */
export const routeOfUnit: Readonly<Record<string, string>> = {
  tablet: 'by mouth',
  capsule: 'by mouth',
  pill: 'by mouth',
  puff: 'into the lungs',
  suppository: 'rectally',
  patch: 'onto the skin',
};

/** Verbs that leave no choice about the route. */
export const routeOfMethod: Readonly<Record<string, string>> = {
  inhale: 'into the lungs',
  swallow: 'by mouth',
  chew: 'by mouth',
  drink: 'by mouth',
  apply: 'topically',
};

/** What stands before a meal that is named after others: "with breakfast, lunch and dinner". */
const after = (lead: string, meals: string): string => String.raw`(?<=\b(?:${lead}) (?:(?:${meals}) (?:and )?)+)`;
const supper = '(?:dinner|supper|(?:the )?evening meal)';

/** Moments; those with a slot happen once a day each, so naming them says how often. */
export const moments: readonly (readonly [word: string, pattern: string, slot?: string])[] = [
  ['before breakfast', 'before breakfast', 'breakfast'],
  ['with breakfast', '(?:with|after) breakfast', 'breakfast'],
  ['before lunch', `before lunch|${after('before', 'breakfast')}lunch`, 'lunch'],
  ['with lunch', `(?:with|after) lunch|${after('with|after', 'breakfast')}lunch`, 'lunch'],
  ['before dinner', `before ${supper}|${after('before', 'breakfast|lunch')}${supper}`, 'dinner'],
  ['with dinner', `(?:with|after) ${supper}|${after('with|after', 'breakfast|lunch')}${supper}`, 'dinner'],
  ['before meals', 'ac|before (?:each |every )?meals?'],
  ['after meals', 'pc|after (?:each |every )?meals?'],
  ['with meals', 'with (?:a |each |every )?(?:meals?|food)'],
  [
    'at bedtime',
    '(?:q ?)?hs|(?:(?:at|before|q) ?)?bed ?time|before bed|(?:q|every|each) ?(?:night|pm at bedtime)|nightly|at night',
    'night',
  ],
  [
    'in the morning',
    '(?:q ?|every |each |in the )a ?m|qam|(?:in the|every|each|q) ?morning|(?:q|every) morn',
    'morning',
  ],
  ['at noon', 'at noon|(?:at )?midday', 'noon'],
  ['in the afternoon', '(?:in the|every|each) afternoon', 'afternoon'],
  ['in the evening', '(?:in the|every|each|q) ?evening|(?:q ?|every |each |in the )pm|qpm', 'evening'],
];

export interface Timing {
  frequency: Amount;
  period: Period;
}

const per = (value: number, unit: PeriodUnit, every = 1): Timing => ({
  frequency: { value },
  period: { value: every, unit },
});

/** Fixed phrases of frequency, Latin and English. */
export const fixedTimings: readonly (readonly [pattern: string, timing: Timing])[] = [
  ['qid', per(4, 'day')],
  ['tid', per(3, 'day')],
  ['bid', per(2, 'day')],
  ['qod|q ?o ?d|every other day|every 2nd day|on alternate days', per(1, 'day', 2)],
  ['every other week|qow|biweekly', per(1, 'week', 2)],
  ['qd|q ?d|q ?daily|daily|every ?day|each day|per day|q ?day|q 24 ?h', per(1, 'day')],
  ['q ?week(?:ly)?|q ?wk|weekly|every week|each week|per week', per(1, 'week')],
  ['q ?month(?:ly)?|monthly|every month|each month|per month', per(1, 'month')],
  ['every hour|hourly|q ?1? ?hr?', per(1, 'hour')],
];
