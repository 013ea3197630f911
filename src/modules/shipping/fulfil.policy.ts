import type { PharmacyKind } from '../directory/index.js';
import { isUndelivered, type PrescriptionPath, type PrescriptionState } from '../prescriptions/index.js';

/** `undo`: it was cancelled, or failed, while a label may have been bought. */
export type FulfilStep = 'label' | 'hand_over' | 'undo' | 'nothing';

export interface FulfilFacts {
  state: PrescriptionState;
  path: PrescriptionPath;
  pharmacyKind: PharmacyKind;
  /** A label of ours that is not voided. */
  hasLabel: boolean;
  hasPartnerOrder: boolean;
  /** A voided label is to be replaced. */
  replaces: boolean;
}

/** The pharmacy may work on it already; what is missing is its order or its label. */
const open: ReadonlySet<PrescriptionState> = new Set([
  'paid',
  'sent_to_pharmacy',
  'pharmacy_received',
  'processing',
  'ready_for_pickup',
]);

/** What is to be done to get the medicine on its way. Asked again after every crash, so what is done already is nothing. */
export function fulfilStep(facts: FulfilFacts): FulfilStep {
  const { state, path } = facts;
  if (isUndelivered(state)) return 'undo';
  const replaced = facts.replaces && state === 'shipped';
  const isOpen = open.has(state) || (path === 'direct' && state === 'pharmacy_selected') || replaced;
  if (!isOpen) return 'nothing';
  if (facts.pharmacyKind === 'partner') return facts.hasPartnerOrder || replaced ? 'nothing' : 'hand_over';
  return facts.hasLabel ? 'nothing' : 'label';
}
