import { isUndelivered, type PrescriptionState, type WaitingReason } from '../../prescriptions/index.js';

type Who = WaitingReason['who'];

/** Told only while it waits for them; the rest of the states says enough by its headline. */
const ofPatient: Readonly<Partial<Record<PrescriptionState, string>>> = {
  awaiting_enrollment:
    'It waits for you: please confirm your details. The link is in our latest message; if you cannot find it, call us.',
  routing_issue:
    'It waits for you: please check your card. The link is in our latest message; if you cannot find it, call us.',
  adjudication_issue:
    'It waits for you: please check your card. The link is in our latest message; if you cannot find it, call us.',
  awaiting_payment: 'It waits for your payment. The link is in our latest message; if you cannot find it, call us.',
};

/** Why an order waits, for a patient's ears: by who must act. Nothing of the medicine, the findings or of who that is. */
const ofOthers: Readonly<Record<Who, string | undefined>> = {
  patient: 'It waits for you. Please see our latest message, or call us.',
  doctor: 'It waits for an answer of your doctor’s office, which we have asked. There is nothing for you to do.',
  pharmacy: 'The pharmacy has it and works on it. There is nothing for you to do.',
  payer: 'It waits for an answer of your plan, which we have asked. There is nothing for you to do.',
  ops: 'It waits for us: we are looking into something before it can go on. There is nothing for you to do.',
  platform: 'We are working on it. There is nothing for you to do.',
  // Headline and parcels say what there is to say.
  carrier: undefined,
  nobody: undefined,
};

const ready =
  'It is ready. If you agreed to pick it up, you can do so now; otherwise there is nothing for you to do until it is on its way.';

/** @returns undefined for what is at its end, or on its way */
export function waitingWords(state: PrescriptionState, who: Who): string | undefined {
  if (isUndelivered(state) || state === 'delivered' || state === 'completed') return undefined;
  if (state === 'ready_for_pickup' && who === 'pharmacy') return ready;
  return (who === 'patient' ? ofPatient[state] : undefined) ?? ofOthers[who];
}
