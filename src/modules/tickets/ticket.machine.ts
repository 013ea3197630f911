export const ticketStatuses = ['created', 'sent', 'received', 'processing', 'ready', 'closed', 'cancelled'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

/** One machine for all of them. */
export const ticketTypes = ['prescription', 'lab_request', 'referral', 'refill', 'support'] as const;
export type TicketType = (typeof ticketTypes)[number];

/**
 * `intake`: opened by a message from outside; `desk`: by a person; `split`: for a prescription of such a one that another pharmacy
 * fills; `backfill`: from the older system.
 */
export type TicketOrigin = 'intake' | 'desk' | 'split' | 'backfill' | 'inbox';

/** A person named patient and doctor: nobody is to be found by name. */
export const namingOrigins: readonly TicketOrigin[] = ['desk', 'split'];

export const ticketPriorities = ['low', 'normal', 'high', 'urgent'] as const;
export type TicketPriority = (typeof ticketPriorities)[number];

/** Of the prescriptions saved on it. */
export const ticketPaths = ['full', 'cash', 'direct'] as const;
export type TicketPath = (typeof ticketPaths)[number];

export interface TicketMove {
  from: readonly TicketStatus[];
  to: TicketStatus;
}

const open = ['created', 'sent', 'received', 'processing', 'ready'] as const;

/** A ticket's life. A ticket with a prescription is also moved by it: see `ticketStatusOfState`. */
export const ticketMachine = {
  send: { from: ['created'], to: 'sent' },
  receive: { from: ['sent'], to: 'received' },
  start: { from: ['sent', 'received'], to: 'processing' },
  make_ready: { from: ['sent', 'received', 'processing'], to: 'ready' },
  close: { from: open, to: 'closed' },
  cancel: { from: open, to: 'cancelled' },
} as const satisfies Readonly<Record<string, TicketMove>>;
export type TicketAction = keyof typeof ticketMachine;

export const openTicketStatuses: readonly TicketStatus[] = open;

/** What a prescription's state means for its ticket. Absent: the ticket stays as it is. */
export const ticketStatusOfState: Readonly<Partial<Record<string, TicketStatus>>> = {
  validated: 'sent',
  pharmacy_received: 'received',
  processing: 'processing',
  ready_for_pickup: 'ready',
  delivered: 'closed',
  completed: 'closed',
  cancelled: 'cancelled',
  failed: 'cancelled',
  returned: 'cancelled',
};
