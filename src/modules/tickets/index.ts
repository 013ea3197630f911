export { Ticket } from './ticket.entity.js';
export { ticketStatusOfState } from './ticket.machine.js';
export { TicketsModule } from './tickets.module.js';
