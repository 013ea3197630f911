/** A ticket's life as far as its prescription moves it; the ticket's own moves come on top of this table. */
export const ticketStatuses = ['created', 'sent', 'received', 'processing', 'ready', 'closed', 'cancelled'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

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
