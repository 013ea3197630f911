import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'ticket.not-found': { status: 404, title: 'There is no such ticket, or it is not yours to see.' },
});
