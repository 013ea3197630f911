import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'dead-letter.not-found': { status: 404, title: 'There is no such dead letter, or it is not yours to see.' },
  'dead-letter.already-redriven': {
    status: 409,
    title: 'The dead letter was redriven before; a new failure makes a new one.',
  },
});
