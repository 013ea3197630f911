import { quantityUnitOf } from '../../directory/quantity-units/index.js';
import { quantityPerDose } from '../dispensing-units.js';
import { drugsNamedIn, ingredientsOf, isInsulin } from '../drug-names/index.js';
import { errorProneAbbreviations } from '../error-prone-abbreviations.js';
import { finding, type Finding } from '../findings.js';
import { daysOf, doseUnitNamed, dosesPerDay, SIG_TEXT_LENGTH, valueOf, type ParsedSig } from '../sig/index.js';
import { isBlank, type Rule, type Subject } from '../subject.js';

const FIELD = '/medication/sig';
/** Packages come in sizes and months have 30 or 31 days: less than this is no finding. */
const TOLERANCE = 0.2;
/** Beyond this factor either figure is a slip of the pen. */
const FAR_OFF = 3;

/** "with", "after", "instead of" … name another drug on purpose; "for" names what is treated or replaced. */
const mentionsOnPurpose =
  /\b(?:(?:with|after|before|prior to|avoid|without|not|than|taking|while on|stop|stopping|instead of|in place of|in addition to|replac\w+|plus|added to|apart from|(?:switch|chang)\w* from)\W+(?:\w+\W+){0,2}|within\W+(?:\w+\W+){0,3}|(?:for|if|caused by|due to)\W+)$/;

/** What insulin is given or checked with says so in its directions. */
const supplies = /\b(?:needles?|syringes?|lancets?|(?:test )?strips?|(?:alcohol )?(?:pads?|swabs?)|pump|sensors?)\b/;

/**
 * A syringe or pump with a strength is filled with its drug. The gauge of a needle (32G) is none, nor the alcohol of a pad, nor the
 * up to a hundred units an insulin syringe holds.
 */
const holdsDrug =
  /\d ?(?:mc?g|meq)\b|\d ?(?:iu|units?) ?(?:\/|per )|\d,?\d{3} ?(?:iu|units?)\b|^(?!.*\b(?:alcohol|isopropyl)\b).*\d ?%/;

/** A ceiling for a day, or what becomes of a drug taken already; "continue" may well be the direction itself. */
const speaksOfAnother = /\b(?:exceed\w*|max\w*|total|more than|discontinu\w*|hold)(?:[^\w.,;\n]+\w+){0,5}[^\w.,;\n]+$/;

const onPurpose = [mentionsOnPurpose, speaksOfAnother];

export const sigRules: Readonly<Record<string, Rule>> = {
  /** 21 CFR 1306.05(a) and state law ask for directions; SCRIPT SigText holds 1000 characters. */
  sigText: ({ order: { medication } }) => {
    if (isBlank(medication.sig)) return [finding('sig.missing', FIELD)];
    return medication.sig.length > SIG_TEXT_LENGTH ? [finding('sig.too-long', FIELD)] : [];
  },

  /** NCPDP Structured and Codified Sig: a complete direction has a verb and a route. */
  sigCompleteness: ({ sig }) => {
    if (!sig) return [];
    return [
      ...(valueOf(sig.method) === undefined ? [finding('sig.verb-missing', FIELD)] : []),
      ...(valueOf(sig.route) === undefined ? [finding('sig.route-missing', FIELD)] : []),
    ];
  },

  /** Medicare Part D and pharmacies refuse "as directed" alone (VA T013): no dose, no days supply. */
  sigAsDirected: ({ sig }) =>
    sig && /\b(?:as|per) (?:directed|instructed|prescribed|instructions)\b|\bud\b|\butd\b/.test(sig.normalized)
      ? [finding('sig.as-directed', FIELD)]
      : [],

  /** Directions copied from another order: methadone text on a morphine capsule was seen on the wire. */
  sigNamesOtherDrug: ({ order, drug, sig }) => {
    if (!sig) return [];
    const own = `${order.medication.description ?? ''} ${drug?.name ?? ''} ${drug?.genericName ?? ''}`.toLowerCase();
    const ownIngredients = ingredientsOf(own);
    const isSupply = supplies.test(own) && !holdsDrug.test(own);
    const isAnInsulin = [...ownIngredients].some(isInsulin);
    const text = sig.text.slice(0, SIG_TEXT_LENGTH).toLowerCase();
    const other = drugsNamedIn(text).find(
      ({ name, ingredient, index }) =>
        !own.includes(name) &&
        !ownIngredients.has(ingredient) &&
        !(isInsulin(ingredient) && (isSupply || ownIngredients.has('insulin'))) &&
        !(ingredient === 'insulin' && isAnInsulin) &&
        !onPurpose.some((phrase) => phrase.test(text.slice(Math.max(0, index - 60), index))),
    );
    return other ? [finding('sig.names-other-drug', FIELD, { words: { otherDrug: other.name } })] : [];
  },

  /** ISMP list of error-prone abbreviations; Joint Commission IM.02.02.01. */
  sigAbbreviations: ({ sig }) =>
    errorProneAbbreviations.flatMap(({ pattern, instead }) => {
      const match = pattern.exec(sig?.text.slice(0, SIG_TEXT_LENGTH) ?? '');
      if (!match) return [];
      const words = { abbreviation: match[0], instead };
      return [finding('sig.error-prone-abbreviation', FIELD, { words, source: 'ISMP' })];
    }),

  sigUnitAgainstQuantity: (subject) => {
    const doseUnit = subject.sig && valueOf(subject.sig.unit);
    const quantityUnit = unitOfQuantity(subject);
    const counted = new Set(['tablet', 'capsule']);
    if (doseUnit === undefined || quantityUnit === undefined || doseUnit === quantityUnit) return [];
    if (!counted.has(doseUnit) || !counted.has(quantityUnit)) return [];
    return [finding('sig.unit-differs-from-quantity', FIELD, { words: { sigUnit: doseUnit, quantityUnit } })];
  },

  /** Days supply = quantity / (dose x frequency), as a plan's auditor computes it; VA DRU04, HQY. */
  sigAgainstQuantity: (subject) => {
    const { quantity } = subject.order.medication;
    const need = neededQuantity(subject);
    if (!need || quantity === undefined || !(quantity > 0)) return [];
    const times = Math.max(quantity / need.most, need.fewest / quantity);
    const over = quantity > need.most * (1 + TOLERANCE);
    const under = quantity < need.fewest * (1 - TOLERANCE);
    if (!over && !under) return courseEndsEarly(subject, need);
    const expected =
      need.fewest > 0 && need.fewest < need.most ? `${round(need.fewest)} to ${round(need.most)}` : round(need.most);
    const words = { expected, quantity: String(quantity) };
    return [
      finding(times > FAR_OFF ? 'sig.quantity-far-off' : 'sig.quantity-differs', '/medication/quantity', { words }),
    ];
  },
};

/** Ten days of an antibiotic and the quantity of thirty: to be asked about, as a course may come back. */
function courseEndsEarly({ sig, order }: Subject, need: Need): Finding[] {
  const { quantity = 0 } = order.medication;
  const duration = sig && sig.asNeeded.source === 'absent' ? valueOf(sig.duration) : undefined;
  if (duration === undefined) return [];
  const days = daysOf({ ...duration, value: duration.max ?? duration.value });
  const expected = need.perDay * days;
  if (quantity <= expected * (1 + TOLERANCE)) return [];
  const words = { days: round(days), expected: round(expected), quantity: String(quantity) };
  return [finding('sig.course-ends-early', '/medication/quantity', { words })];
}

interface Need {
  fewest: number;
  most: number;
  /** The most of one day. */
  perDay: number;
}

/** What the directions use up in the days supply, undefined when they do not say enough to compute it. */
function neededQuantity(subject: Subject): Need | undefined {
  const { sig, order } = subject;
  const { daysSupply } = order.medication;
  if (!sig || sig.multiStep || daysSupply === undefined || !(daysSupply > 0)) return undefined;
  const perDay = dosesOfDay(sig);
  const unit = countedUnit(subject, sig);
  const perDose = unit === undefined ? undefined : quantityPerDose(valueOf(sig.unit), unit);
  if (!perDay || perDose === undefined) return undefined;
  // As-needed directions state a ceiling; nobody has to reach it.
  const fewest = sig.asNeeded.source === 'absent' ? perDay.fewest * perDose * fewestDays(sig, daysSupply) : 0;
  const most = perDay.most * perDose * daysSupply;
  return most > 0 && Number.isFinite(most) ? { fewest, most, perDay: perDay.most * perDose } : undefined;
}

function dosesOfDay(sig: ParsedSig): { fewest: number; most: number } | undefined {
  const dose = valueOf(sig.dose);
  const frequency = valueOf(sig.frequency);
  const period = valueOf(sig.period);
  if (!dose || !frequency || !period) return undefined;
  const times = dosesPerDay(frequency, period);
  const computed = (dose.max ?? dose.value) * times.most;
  const ceiling = valueOf(sig.maxPerDay);
  const comparable = ceiling?.unit === undefined || ceiling.unit === valueOf(sig.unit);
  const most = comparable ? Math.min(computed, ceiling?.amount ?? computed) : computed;
  return { fewest: Math.min(dose.value * times.fewest, most), most };
}

function unitOfQuantity({ order, drug }: Subject): string | undefined {
  const code = order.medication.quantityUnit ?? drug?.unit;
  return code === undefined ? undefined : quantityUnitOf(code)?.word;
}

/** A course of 5 days may be all that is taken in the 28 days until the next fill. */
function fewestDays(sig: ParsedSig, daysSupply: number): number {
  const duration = valueOf(sig.duration);
  return duration === undefined ? daysSupply : Math.min(daysOf(duration), daysSupply);
}

/** Without a unit the quantity counts what the directions count; in a unit we do not know it may count packs or bottles. */
function countedUnit({ order, drug }: Subject, sig: ParsedSig): string | undefined {
  const { quantityUnit } = order.medication;
  const stated = isBlank(quantityUnit) ? drug?.unit : quantityUnit;
  if (stated === undefined) return valueOf(sig.unit) ?? 'each';
  return quantityUnitOf(stated)?.word ?? doseUnitNamed(stated);
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
