import {
  outcomeOf,
  prescriptionMachine,
  type PrescriptionAction,
  type PrescriptionState,
} from '../modules/prescriptions/prescription.machine.js';
import { drawMachine, type Move } from '../platform/state-machine/index.js';

/** Reports may jump forward from many states; the picture shows the step they usually take. */
const usualStep: Readonly<Partial<Record<PrescriptionAction, readonly PrescriptionState[]>>> = {
  acknowledge: ['sent_to_pharmacy'],
  start: ['pharmacy_received'],
  make_ready: ['processing'],
  ship: ['paid', 'ready_for_pickup'],
  scan: ['shipped'],
  scan_out_for_delivery: ['in_transit'],
  deliver: ['out_for_delivery', 'ready_for_pickup'],
};

/** The life of a prescription as people follow it: without the corrections (cancel, fail, return) that leave almost every state. */
export function stateDiagram(): string {
  const moves = Object.entries(prescriptionMachine) as [PrescriptionAction, Move<PrescriptionState>][];
  const shown = moves
    .filter(([action]) => outcomeOf[action] === undefined || action === 'deliver')
    .map(([action, move]) => [action, { from: usualStep[action] ?? move.from, to: move.to }] as const);
  return `\`\`\`mermaid\n${drawMachine(Object.fromEntries(shown) as Record<PrescriptionAction, Move<PrescriptionState>>)}\n\`\`\``;
}
