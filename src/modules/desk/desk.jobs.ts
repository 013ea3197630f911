import { defineJob } from '../../platform/jobs/index.js';
import { calendarChangedEvent } from '../directory/index.js';

/** A pharmacy that had seen the ticket before the hand-over acknowledges by it. */
export const acknowledgeJob = defineJob<{ prescriptionId: string }>({
  name: 'desk.acknowledge',
  queue: 'bookkeeping',
  retry: 'step',
  on: ['sent_to_pharmacy'],
});

export const readClocksJob = defineJob<{ slot: string }>({
  name: 'desk.read_clocks',
  queue: 'bookkeeping',
  retry: 'step',
});

/** What a pharmacy says of its opening hours holds for the tickets it has as well. */
export const resetClocksJob = defineJob<{ pharmacyId: string }>({
  name: 'desk.reset_clocks',
  queue: 'bookkeeping',
  retry: 'step',
  on: [calendarChangedEvent],
});

export const clocksEveryMs = 60_000;

/** Payloads: the ticket's id. */
export const ticketEscalatedEvent = 'ticket_escalated';
/** Of tickets without a prescription; the others are sent by its move. */
export const ticketSentEvent = 'ticket_sent';
