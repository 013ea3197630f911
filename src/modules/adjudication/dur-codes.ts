/**
 * Codes of a drug utilization review (NCPDP Telecommunication D.0, segments 08 and 24). One table per field, so that a
 * correction is one line.
 */

/** 439-E4, reason for service: why a payer alerts. */
export const durReasons = {
  AD: 'additional drug needed',
  AN: 'prescription authentication',
  AR: 'adverse drug reaction',
  AT: 'additive toxicity',
  CD: 'chronic disease management',
  CH: 'call the help desk',
  CS: 'patient complaint or symptom',
  DA: 'drug allergy',
  DC: 'drug and disease, inferred',
  DD: 'drug-drug interaction',
  DF: 'drug and food',
  DI: 'drug incompatibility',
  DL: 'drug and laboratory test',
  DM: 'apparent drug misuse',
  DR: 'dose range conflict',
  DS: 'tobacco use',
  ED: 'patient education',
  ER: 'overuse',
  EX: 'excessive quantity',
  HD: 'high dose',
  IC: 'iatrogenic condition',
  ID: 'ingredient duplication',
  LD: 'low dose',
  LK: 'lock-in recipient',
  LR: 'underuse',
  MC: 'drug and disease, reported',
  MN: 'insufficient duration',
  MS: 'missing information',
  MX: 'excessive duration',
  NA: 'drug not available',
  NC: 'purchase of a drug that is not covered',
  ND: 'new disease or diagnosis',
  NF: 'drug not on the formulary',
  NN: 'unnecessary drug',
  NP: 'new patient',
  NR: 'lactation',
  NS: 'insufficient quantity',
  OH: 'alcohol',
  PA: 'drug and age',
  PC: 'question of the patient',
  PG: 'drug and pregnancy',
  PH: 'preventive health care',
  PN: 'prescriber consultation',
  PP: 'plan protocol',
  PR: 'earlier adverse reaction',
  PS: 'product selection',
  RE: 'suspected environmental risk',
  RF: 'referral',
  SC: 'suboptimal compliance',
  SD: 'suboptimal drug or indication',
  SE: 'side effect',
  SF: 'suboptimal dosage form',
  SR: 'suboptimal regimen',
  SX: 'drug and gender',
  TD: 'therapeutic duplication',
  TN: 'laboratory test needed',
  TP: 'question of the payer',
  UD: 'duplicate drug',
} as const satisfies Readonly<Record<string, string>>;

/** @returns undefined for a code that is not listed */
export function durReasonWords(code: string): string | undefined {
  return (durReasons as Readonly<Partial<Record<string, string>>>)[code];
}

/** 440-E5, professional service: what the pharmacist did about it. */
export const durServices = {
  '00': 'no intervention',
  AS: 'patient assessment',
  CC: 'coordination of care',
  DE: 'dosing evaluated',
  DP: 'dosage evaluated',
  FE: 'formulary enforcement',
  GP: 'generic product selection',
  M0: 'prescriber consulted',
  MA: 'medication administered',
  MB: 'overriding benefit',
  MP: 'patient will be monitored',
  MR: 'medication review',
  P0: 'patient consulted',
  PA: 'tolerated by the patient before',
  PE: 'patient education',
  PH: 'patient medication history',
  PM: 'patient monitoring',
  PT: 'laboratory test performed',
  R0: 'pharmacist consulted another source',
  RT: 'laboratory test recommended',
  SC: 'self-care consultation',
  SW: 'literature search',
  TC: 'payer consulted',
  TH: 'therapeutic interchange',
} as const satisfies Readonly<Record<string, string>>;

/** 441-E6, result of service: what came of it. */
export const durResults = {
  '00': 'not specified',
  '1A': 'filled as is, false positive',
  '1B': 'filled as is',
  '1C': 'filled with another dose',
  '1D': 'filled with other directions',
  '1E': 'filled with another drug',
  '1F': 'filled with another quantity',
  '1G': "filled with the prescriber's approval",
  '1H': 'brand changed to generic',
  '1J': 'prescription drug changed to one without',
  '1K': 'filled with another dosage form',
  '2A': 'not filled',
  '2B': 'not filled, directions clarified',
  '3A': 'recommendation accepted',
  '3B': 'recommendation not accepted',
  '3C': 'drug discontinued',
  '3D': 'regimen changed',
  '3E': 'therapy changed',
  '3F': 'therapy changed, cost increase acknowledged',
  '3G': 'drug therapy unchanged',
  '3H': 'follow-up or report',
  '3J': 'patient referred',
  '3K': 'instructions understood',
  '3M': 'compliance aid provided',
  '3N': 'medication administered',
} as const satisfies Readonly<Record<string, string>>;

/** Results with which the drug is not handed out: whoever pays such a claim would pay for what is then shipped. */
const undispensed: ReadonlySet<string> = new Set<keyof typeof durResults>(['2A', '2B', '3C']);

export const isUndispensed = (result: string): boolean => undispensed.has(result);
