/** Which pharmacies may fill a prescription, in which order, and why the others may not. Pure: same input, same answer. */

export interface PharmacyCandidate {
  pharmacyId: string;
  licensedStates: readonly string[];
  /** Controlled schedules it dispenses: II, III, IV, V. */
  schedules: readonly string[];
  forms: readonly string[];
  specialty: boolean;
  /** Network tier by BIN; 1 is the plan's best. A BIN that is not listed is out of network. */
  networks: Readonly<Record<string, number>>;
  openForOrders: boolean;
  dailyCapacity: number;
  /** Other orders given to it since midnight in its own zone that are still its. */
  ordersToday: number;
  turnaroundHours: number;
  /** What this fill costs there, in cents; undefined when the drug has no price on file. */
  priceCents: number | undefined;
  /** From the patient's ZIP centroid to the pharmacy's; undefined when one of them has no place on the map. */
  distanceMiles: number | undefined;
}

export interface RoutingRequest {
  /** Two letters; undefined when the order does not say. */
  patientState: string | undefined;
  schedule: string | undefined;
  /** Dose form in the directory's words; undefined when the drug is not listed, then nothing is filtered by it. */
  form: string | undefined;
  specialty: boolean;
  /** The plan's BIN; undefined on the cash and direct paths, which know no network. */
  bin: string | undefined;
  /** Pharmacies this plan refused for this fill (NCPDP reject 40), whatever our network table says. */
  refusedByPayer: ReadonlySet<string>;
  doctorsPharmacyId: string | undefined;
  patientsPharmacyId: string | undefined;
}

export const scoreParts = ['distance', 'networkTier', 'turnaround', 'load', 'price', 'preference'] as const;
export type ScorePart = (typeof scoreParts)[number];

/** Most points of each part; together 100. A best match on every part scores 100. */
export const weights: Readonly<Record<ScorePart, number>> = {
  networkTier: 25,
  distance: 20,
  turnaround: 20,
  price: 15,
  load: 10,
  preference: 10,
};

export const exclusionCodes = [
  'license',
  'schedule',
  'form',
  'specialty',
  'network',
  'payer-refused',
  'closed',
  'capacity',
] as const;
export type ExclusionCode = (typeof exclusionCodes)[number];

/** State pharmacy law and 21 CFR 1301: nobody may override these two. */
export const legalExclusions: ReadonlySet<ExclusionCode> = new Set(['license', 'schedule']);

export interface ExclusionReason {
  code: ExclusionCode;
  sentence: string;
}

export interface RankedPharmacy {
  pharmacyId: string;
  /** 0 to 100, the sum of the parts. */
  score: number;
  parts: Record<ScorePart, number>;
  distanceMiles: number | null;
}

export interface ExcludedPharmacy {
  pharmacyId: string;
  reasons: ExclusionReason[];
  /** BIN of the plan that refused it, when one did: the next plan has a network of its own. */
  refusedByBin?: string;
}

export interface Ranking {
  ranked: RankedPharmacy[];
  excluded: ExcludedPharmacy[];
}

interface Filter {
  code: ExclusionCode;
  excludes: (candidate: PharmacyCandidate, request: RoutingRequest) => boolean;
  sentence: (request: RoutingRequest) => string;
}

const lists = (values: readonly string[], wanted: string) =>
  values.some((value) => value.toLowerCase() === wanted.toLowerCase());

const filters: readonly Filter[] = [
  {
    code: 'license',
    excludes: (candidate, { patientState }) =>
      patientState === undefined || !lists(candidate.licensedStates, patientState),
    sentence: ({ patientState }) =>
      patientState === undefined
        ? 'The state of the patient is not known, so no licence can be checked.'
        : `It is not licensed in ${patientState}.`,
  },
  {
    code: 'schedule',
    excludes: (candidate, { schedule }) => schedule !== undefined && !lists(candidate.schedules, schedule),
    sentence: ({ schedule }) => `It does not dispense schedule ${schedule ?? ''} drugs.`,
  },
  {
    code: 'form',
    excludes: (candidate, { form }) => form !== undefined && !lists(candidate.forms, form),
    sentence: () => 'It does not stock this dose form.',
  },
  {
    code: 'specialty',
    excludes: (candidate, request) => request.specialty && !candidate.specialty,
    sentence: () => 'It does not stock specialty drugs.',
  },
  {
    code: 'network',
    excludes: (candidate, { bin }) => bin !== undefined && candidate.networks[bin] === undefined,
    sentence: () => "It is not in the plan's network.",
  },
  {
    code: 'payer-refused',
    excludes: (candidate, { refusedByPayer }) => refusedByPayer.has(candidate.pharmacyId),
    sentence: () => 'The payer refused a claim of this prescription from it as out of network.',
  },
  {
    code: 'closed',
    excludes: (candidate) => !candidate.openForOrders,
    sentence: () => 'It takes no orders at the moment.',
  },
  {
    code: 'capacity',
    excludes: (candidate) => candidate.ordersToday >= candidate.dailyCapacity,
    sentence: () => 'It has reached its number of orders for today.',
  },
];

/** Every reason, not the first only: somebody has to mend them all. */
export function exclusionReasons(candidate: PharmacyCandidate, request: RoutingRequest): ExclusionReason[] {
  return filters
    .filter((filter) => filter.excludes(candidate, request))
    .map(({ code, sentence }) => ({ code, sentence: sentence(request) }));
}

/** Best first; equal scores go to the nearer one, then to the lower id, so that a repetition ranks the same. */
export function rankPharmacies(candidates: readonly PharmacyCandidate[], request: RoutingRequest): Ranking {
  const judged = candidates.map((candidate) => ({ candidate, reasons: exclusionReasons(candidate, request) }));
  const eligible = judged.filter(({ reasons }) => reasons.length === 0).map(({ candidate }) => candidate);
  const cheapestCents = Math.min(...eligible.flatMap(({ priceCents }) => priceCents ?? []));
  return {
    ranked: eligible.map((candidate) => scored(candidate, request, cheapestCents)).sort(byScore),
    excluded: judged
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ candidate: { pharmacyId }, reasons }) => ({ pharmacyId, reasons, ...refusalOf(pharmacyId, request) }))
      .sort((a, b) => compareText(a.pharmacyId, b.pharmacyId)),
  };
}

/** Half the points at this distance: about where a ground parcel needs a second day. */
const halfwayMiles = 250;
/** A pharmacy that needs three days has no points for speed. */
const slowestHours = 72;
const tierShare: Readonly<Record<number, number>> = { 1: 1, 2: 0.6, 3: 0.3 };

/** What is not known earns half the points: neither a bonus nor a punishment. */
const unknownShare = 0.5;

type ShareOf = (candidate: PharmacyCandidate, request: RoutingRequest, cheapestCents: number) => number;

/** The share of its weight each part earns, 0 to 1. */
const shares: Readonly<Record<ScorePart, ShareOf>> = {
  distance: ({ distanceMiles }) =>
    distanceMiles === undefined ? unknownShare : halfwayMiles / (halfwayMiles + distanceMiles),
  networkTier: ({ networks }, { bin }) => (bin === undefined ? 1 : (tierShare[networks[bin] ?? 0] ?? 0)),
  turnaround: ({ turnaroundHours }) => 1 - turnaroundHours / slowestHours,
  load: ({ ordersToday, dailyCapacity }) => 1 - ordersToday / dailyCapacity,
  price: ({ priceCents }, _, cheapestCents) =>
    priceCents === undefined ? unknownShare : priceCents === 0 ? 1 : cheapestCents / priceCents,
  preference: ({ pharmacyId }, { doctorsPharmacyId, patientsPharmacyId }) =>
    pharmacyId === doctorsPharmacyId || pharmacyId === patientsPharmacyId ? 1 : 0,
};

/** Hundredths of a point as integers, so that the parts add up to the score exactly. */
function scored(candidate: PharmacyCandidate, request: RoutingRequest, cheapestCents: number): RankedPharmacy {
  const hundredths = (part: ScorePart) =>
    Math.round(Math.min(1, Math.max(0, shares[part](candidate, request, cheapestCents))) * weights[part] * 100);
  const points = (part: ScorePart) => hundredths(part) / 100;
  return {
    pharmacyId: candidate.pharmacyId,
    score: scoreParts.reduce((sum, part) => sum + hundredths(part), 0) / 100,
    parts: {
      distance: points('distance'),
      networkTier: points('networkTier'),
      turnaround: points('turnaround'),
      load: points('load'),
      price: points('price'),
      preference: points('preference'),
    },
    distanceMiles: candidate.distanceMiles === undefined ? null : Math.round(candidate.distanceMiles * 10) / 10,
  };
}

function byScore(a: RankedPharmacy, b: RankedPharmacy): number {
  const nearer = (a.distanceMiles ?? Infinity) - (b.distanceMiles ?? Infinity);
  return b.score - a.score || (Number.isNaN(nearer) ? 0 : nearer) || compareText(a.pharmacyId, b.pharmacyId);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface NamedChoice {
  pharmacyId: string;
  by: 'doctor' | 'patient';
}

/** The pharmacy that needs no person to choose: the doctor's, else the patient's, when eligible. */
export function namedChoice(ranking: Ranking, request: RoutingRequest): NamedChoice | undefined {
  const wishes = [
    { by: 'doctor', pharmacyId: request.doctorsPharmacyId },
    { by: 'patient', pharmacyId: request.patientsPharmacyId },
  ] as const;
  for (const { by, pharmacyId } of wishes) {
    if (pharmacyId !== undefined && ranking.ranked.some((ranked) => ranked.pharmacyId === pharmacyId)) {
      return { by, pharmacyId };
    }
  }
  return undefined;
}

/** How many pharmacies each reason keeps out, for `/why`. */
export function countReasons(excluded: readonly ExcludedPharmacy[]): Partial<Record<ExclusionCode, number>> {
  const counts: Partial<Record<ExclusionCode, number>> = {};
  for (const { code } of excluded.flatMap(({ reasons }) => reasons)) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** Nobody may fill it, and for some pharmacy the plan's network alone is in the way: the BIN of the card may be mistyped. */
export function isCardInDoubt({ ranked, excluded }: Ranking): boolean {
  return ranked.length === 0 && excluded.some(({ reasons }) => reasons.every(({ code }) => code === 'network'));
}

function refusalOf(
  pharmacyId: string,
  { bin, refusedByPayer }: RoutingRequest,
): Pick<ExcludedPharmacy, 'refusedByBin'> {
  return bin !== undefined && refusedByPayer.has(pharmacyId) ? { refusedByBin: bin } : {};
}

/** A recommendation with a payer's refusal in it. */
export interface KeptRefusals {
  requestedAt: Date;
  excluded: readonly ExcludedPharmacy[];
}

/**
 * A payer's refusal is remembered by the recommendations that were made because of it. It is one plan's word on one fill:
 * without a plan nobody refuses, and what was kept without a BIN (as it once was) counts for any plan of that fill.
 */
export function refusedBy(
  bin: string | undefined,
  newly: readonly string[],
  kept: readonly KeptRefusals[],
  fillSince: Date,
): ReadonlySet<string> {
  if (bin === undefined) return new Set();
  const refuses = ({ reasons, refusedByBin = bin }: ExcludedPharmacy) =>
    refusedByBin === bin && reasons.some(({ code }) => code === 'payer-refused');
  const earlier = kept.filter(({ requestedAt }) => requestedAt >= fillSince).flatMap(({ excluded }) => excluded);
  return new Set([...newly, ...earlier.filter(refuses).map(({ pharmacyId }) => pharmacyId)]);
}
