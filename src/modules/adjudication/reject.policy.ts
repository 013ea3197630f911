import type { Prescription } from '../prescriptions/index.js';
import type { ClinicQuestion } from '../threads/index.js';

/**
 * What a payer's reject asks for: NCPDP 511-FB code → class of action, a sentence, the next step. One table, so that a
 * correction is one line. Our own codes (with a dot) name what stopped a claim before it left.
 */

/** In the order somebody should act: a wrong card makes every other answer meaningless, waiting comes last. */
export const rejectClasses = [
  'fix_data',
  'reroute',
  'cob',
  'not_covered',
  'prior_authorization',
  'clinical',
  'limit',
  'human',
  'wait',
  'host_down',
] as const;
export type RejectClass = (typeof rejectClasses)[number];

/** Who has what it takes: a pharmacy can send no claim again (auth/permissions.ts). */
export type RejectActor = 'patient' | 'doctor' | 'ops' | 'payer' | 'platform';

export interface RejectMeaning {
  code: string;
  class: RejectClass;
  /** What is wrong. */
  sentence: string;
  who: RejectActor;
  nextStep: string;
  /** The patient can mend it by correcting the card on the enrollment page, or by giving another one. */
  checksCard: boolean;
  /** What the ticket asks the clinic, where the doctor is to act. */
  asks: ClinicQuestion | undefined;
}

export interface RejectVerdict {
  /** The one to act on first. */
  first: RejectMeaning;
  /** All, in the same order. */
  all: RejectMeaning[];
  /** Every code says "later": no person is needed. */
  waits: boolean;
  /** Every code is about the network: another pharmacy may do. */
  reroutes: boolean;
  /** What the clinic is asked: the doctor is to act first, or a code is about the prescriber, whom the clinic knows. */
  asksClinic: ClinicQuestion | undefined;
}

interface StepOf<Who extends RejectActor> {
  class: RejectClass;
  who: Who;
  nextStep: string;
}

/** No step can be the doctor's without a question that tells the doctor, nor the patient's without the link to the card. */
type Step =
  | StepOf<Exclude<RejectActor, 'doctor' | 'patient'>>
  | (StepOf<'doctor'> & { asks: ClinicQuestion })
  | (StepOf<'patient'> & { checksCard: true });

const steps = {
  card: {
    class: 'fix_data',
    who: 'patient',
    nextStep: 'The patient checks the card on the link that is sent; the claim is sent again once it is answered.',
    checksCard: true,
  },
  // Mostly the card of somebody else in the family, or its person code: the patient sees that first.
  person: {
    class: 'fix_data',
    who: 'patient',
    nextStep:
      'The patient compares name, birth date and person code with the card on the link that is sent; the claim is sent again once it is answered.',
    checksCard: true,
  },
  patientRecord: {
    class: 'fix_data',
    who: 'ops',
    nextStep: 'Complete the address of the patient (PATCH /api/patients/:id), then retry the claim.',
  },
  pharmacyData: {
    class: 'fix_data',
    who: 'ops',
    nextStep: 'Correct the pharmacy in the directory, then retry the claim.',
  },
  prescriber: {
    class: 'fix_data',
    who: 'doctor',
    asks: 'prescriber',
    nextStep:
      "The ticket asks the clinic for the prescriber's NPI and enrolment with the plan; once it has answered, retry the claim.",
  },
  product: {
    class: 'fix_data',
    who: 'ops',
    nextStep:
      'Check the NDC with pharmacy and prescriber, then correct the order (POST /api/prescriptions/:id/resubmit), or list the product in the drug directory and retry the claim.',
  },
  claimData: {
    class: 'fix_data',
    who: 'ops',
    nextStep: 'Correct the order (POST /api/prescriptions/:id/resubmit): it is validated, routed and claimed again.',
  },
  unit: {
    class: 'fix_data',
    who: 'ops',
    nextStep:
      'State the quantity in the unit of the drug directory (GET /api/drugs/:ndc): correct the order (POST /api/prescriptions/:id/resubmit).',
  },
  // Of a controlled drug the unit is signed with the quantity (21 CFR 1311.120(b)(9)): a correction would lose the signature.
  unitOfControlled: {
    class: 'fix_data',
    who: 'ops',
    nextStep:
      'Where the order says no unit, or vials where the drug directory says each (GET /api/drugs/:ndc), state that of the directory by correcting it (POST /api/prescriptions/:id/resubmit). Another unit takes a new signed order of the prescriber; then cancel this one (POST /api/prescriptions/:id/cancel).',
  },
  cob: {
    class: 'cob',
    who: 'patient',
    nextStep:
      'The patient gives the card of the plan that pays first on the link that is sent; the claim is sent again once it is answered.',
    checksCard: true,
  },
  reroute: { class: 'reroute', who: 'platform', nextStep: 'The next pharmacy in the network is tried.' },
  notCovered: {
    class: 'not_covered',
    who: 'ops',
    nextStep: 'Offer a covered alternative to the doctor, the cash price (payCash), or ask for a prior authorization.',
  },
  authorization: {
    class: 'prior_authorization',
    who: 'doctor',
    asks: 'authorization',
    nextStep:
      'The ticket asks the doctor to request the prior authorization; once the payer has decided, retry with its number.',
  },
  authorizationRuns: {
    class: 'prior_authorization',
    who: 'payer',
    nextStep: 'Wait for the payer to decide on the prior authorization, then retry the claim.',
  },
  authorizationDenied: {
    class: 'prior_authorization',
    who: 'doctor',
    asks: 'authorizationDenied',
    nextStep:
      'The payer denied it: the ticket asks the doctor to appeal or choose an alternative; or offer the cash price (payCash).',
  },
  limit: {
    class: 'limit',
    who: 'doctor',
    asks: 'limit',
    nextStep:
      'The ticket proposes a smaller quantity or days supply to the doctor; once it is agreed, retry with that quantity.',
  },
  // Nobody but the prescriber changes the quantity of a controlled drug (21 CFR 1306): a retry with another one is refused.
  limitOfControlled: {
    class: 'limit',
    who: 'doctor',
    asks: 'limitOfControlled',
    nextStep:
      'The ticket asks the doctor for a new order within the limit, as a controlled drug is not filled with less; then correct the order by it (POST /api/prescriptions/:id/resubmit).',
  },
  expired: {
    class: 'fix_data',
    who: 'doctor',
    asks: 'expired',
    nextStep:
      'The ticket asks the doctor for a new order, as this one may not be filled any more; then cancel this one (POST /api/prescriptions/:id/cancel).',
  },
  wait: { class: 'wait', who: 'platform', nextStep: 'The claim is sent again on the next fill date; nothing to do.' },
  clinical: {
    class: 'clinical',
    who: 'ops',
    nextStep:
      'Have a pharmacist review the alert (GET /api/prescriptions/:id/claims says what it is about), then retry with the DUR response (POST /api/prescriptions/:id/claims/retry: reason, service, result).',
  },
  hostDown: { class: 'host_down', who: 'platform', nextStep: 'The claim is sent again by itself.' },
  human: {
    class: 'human',
    who: 'ops',
    nextStep:
      'Read what the payer wrote (GET /api/prescriptions/:id/claims) or call its help desk, then retry or offer the cash price.',
  },
} as const satisfies Record<string, Step>;

type StepName = keyof typeof steps;

const meanings: ReadonlyMap<string, readonly [step: StepName, sentence: string]> = new Map(
  Object.entries({
    '01': ['card', 'The BIN on the card is missing or wrong.'],
    '04': ['card', 'The PCN on the card is missing or wrong.'],
    '05': ['pharmacyData', "The payer does not know the pharmacy's number."],
    '06': ['card', 'The group on the card is missing or wrong.'],
    '07': ['card', 'The cardholder id is missing or wrong.'],
    '08': ['card', 'The person code is missing or wrong.'],
    '09': ['person', 'The birth date does not match what the payer has.'],
    '10': ['person', 'The gender does not match what the payer has.'],
    '15': ['claimData', 'The payer does not accept the date of service.'],
    '16': ['claimData', 'The payer does not accept the prescription number.'],
    '17': ['claimData', 'The payer does not accept the fill number.'],
    '19': ['claimData', 'The days supply is missing or wrong.'],
    '21': ['product', 'The NDC is missing or wrong.'],
    '22': ['claimData', 'The substitution code is missing or wrong.'],
    '23': ['claimData', 'The price submitted is missing or wrong.'],
    '25': ['prescriber', "The prescriber's number is missing or wrong."],
    '26': ['claimData', 'The unit of measure is missing or wrong.'],
    '28': ['claimData', 'The payer does not accept the date the prescription was written.'],
    '29': ['claimData', 'The payer does not accept the number of refills.'],
    '33': ['claimData', 'The payer does not accept how the prescription came in.'],
    '39': ['claimData', 'The payer does not accept the diagnosis.'],
    '40': ['reroute', 'The pharmacy is not contracted with the plan.'],
    '41': ['cob', 'Another payer has to be billed first.'],
    '54': ['product', 'The payer does not know this NDC.'],
    '56': ['prescriber', 'The payer does not know the prescriber.'],
    '62': ['person', 'The name does not match the cardholder id.'],
    '65': ['card', 'The patient is not covered by this plan.'],
    '70': ['notCovered', 'The plan does not cover this product.'],
    '71': ['prescriber', 'The plan does not cover orders of this prescriber.'],
    '75': ['authorization', 'The plan wants a prior authorization.'],
    '76': ['limit', 'The quantity exceeds what the plan allows.'],
    '77': ['product', 'The product is discontinued.'],
    '79': ['wait', 'It is too soon for this refill.'],
    '88': ['clinical', 'The payer sees a drug therapy problem.'],
    '92': ['hostDown', "The payer's computer is not available."],
    '99': ['hostDown', "The payer's computer failed while working on the claim."],
    '600': ['card', 'The coverage was not active on the date of service.'],
    '3W': ['authorizationRuns', 'A prior authorization is being decided.'],
    '3Y': ['authorizationDenied', 'The prior authorization was denied.'],
    A5: ['notCovered', 'Medicare Part D may not cover this product.'],
    AG: ['limit', 'The days supply exceeds what the plan allows.'],
    DI: ['clinical', 'The payer sees a drug interaction.'],
    M1: ['card', 'The patient is not covered in this aid category.'],
    N1: ['person', 'The payer finds no such patient.'],
    R8: ['claimData', 'The payer could not read the claim.'],
    'coverage.missing': ['card', 'No insurance coverage is on file.'],
    'card.incomplete': ['card', 'BIN, PCN or cardholder id of the card is missing.'],
    'patient.incomplete': ['patientRecord', 'The claim needs name, birth date and address of the patient.'],
    'prescriber.incomplete': ['prescriber', 'The claim needs NPI and name of the prescriber.'],
    'order.incomplete': ['claimData', 'The claim needs NDC, quantity, days supply and written date.'],
    'order.unit-not-billable': ['unit', 'The quantity is in a unit no payer accepts (each, millilitre or gram).'],
    'order.expired': [
      'expired',
      'The last day on which the prescription may be filled has passed, or comes before the next fill.',
    ],
    'order.schedule-differs': [
      'claimData',
      'The directory has another schedule for this drug than the order was validated with.',
    ],
    'order.unit-differs': ['unit', 'The quantity is in another unit than the one the directory prices the drug by.'],
    'drug.no-price': ['product', 'The product has no price in the directory.'],
    'answer.conflict': ['human', 'The payer said paid and rejected at once; it counts as rejected.'],
  } satisfies Record<string, readonly [step: StepName, sentence: string]>),
);

const stepsOfControlled: Readonly<Partial<Record<StepName, StepName>>> = {
  limit: 'limitOfControlled',
  unit: 'unitOfControlled',
};

/** What of the order decides on the next step. */
export type RejectedOrder = Pick<Prescription, 'schedule'>;

/** An unlisted code is for a person. */
export function meaningOf(code: string, { schedule }: RejectedOrder): RejectMeaning {
  const [name, sentence] =
    meanings.get(code) ?? (['human', 'The payer rejected the claim for a reason we have no rule for.'] as const);
  const step: Step = steps[(schedule === null ? undefined : stepsOfControlled[name]) ?? name];
  const { class: kind, who, nextStep } = step;
  const asks = step.who === 'doctor' ? step.asks : undefined;
  return { code, sentence, class: kind, who, nextStep, checksCard: step.who === 'patient' && step.checksCard, asks };
}

/** The worst and most actionable first, the card before other data; equal ones by code, so that a repetition reads the same. */
export function verdictOf(codes: readonly string[], order: RejectedOrder): RejectVerdict {
  const all = [...new Set(codes)].map((code) => meaningOf(code, order)).sort(byUrgency);
  const first = all[0] ?? meaningOf('', order);
  return {
    first,
    all,
    waits: all.length > 0 && all.every((meaning) => meaning.class === 'wait'),
    reroutes: all.length > 0 && all.every((meaning) => meaning.class === 'reroute'),
    asksClinic: first.asks ?? all.find(({ class: kind, asks }) => kind === 'fix_data' && asks !== undefined)?.asks,
  };
}

function byUrgency(a: RejectMeaning, b: RejectMeaning): number {
  return (
    rejectClasses.indexOf(a.class) - rejectClasses.indexOf(b.class) ||
    Number(b.checksCard) - Number(a.checksCard) ||
    (a.code < b.code ? -1 : 1)
  );
}
