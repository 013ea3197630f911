export { threadOfOrder } from './thread-of-order.js';
export { parties, Thread, ThreadMember, type Party } from './thread.entity.js';
export { TicketEvent } from './ticket-event.entity.js';
export { Ticket, type PharmacyFinding } from './ticket.entity.js';
export {
  openTicketStatuses,
  ticketMachine,
  ticketStatuses,
  ticketStatusOfState,
  type TicketAction,
  type TicketStatus,
} from './ticket.machine.js';
export { TicketsModule } from './tickets.module.js';
export { Tickets } from './tickets.service.js';
