export {
  canBeAnswered,
  openQuestionOf,
  platformQuestionOf,
  type OpenQuestion,
  type PlatformQuestion,
} from './questions.sql.js';
export { parties, Thread, ThreadMember, type Party } from './thread.entity.js';
export { TicketEvent } from './ticket-event.entity.js';
export { Ticket, type PharmacyFinding } from './ticket.entity.js';
export {
  namingOrigins,
  openTicketStatuses,
  ticketMachine,
  ticketStatuses,
  ticketStatusOfState,
  ticketPaths,
  ticketPriorities,
  ticketTypes,
  type TicketAction,
  type TicketPath,
  type TicketPriority,
  type TicketStatus,
  type TicketType,
} from './ticket.machine.js';
export { fail as ticketFail } from './tickets.errors.js';
export { TicketsModule } from './tickets.module.js';
export { Tickets, type OpenTicket, type ThreadWithMembers, type Triage } from './tickets.service.js';
