import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'ticket.not-found': { status: 404, title: 'There is no such ticket, or it is not yours to see.' },
  'ticket.cursor-invalid': { status: 400, title: 'Pass on the `nextCursor` of the page before as it is.' },
  'ticket.party-unknown': {
    status: 422,
    title: 'A doctor, pharmacy, patient or colleague you name is not known here; `unknown` says which.',
  },
  'ticket.doctor-required': { status: 422, title: 'Say whose ticket it is: doctorId is missing.' },
  'ticket.doctor-not-you': { status: 403, title: 'A doctor opens tickets for themselves only.' },
  'ticket.illegal-move': {
    status: 409,
    title: 'A ticket in this status cannot do that; `ticketStatus` says where it stands.',
  },
  'ticket.not-handed-over': {
    status: 409,
    title: 'The prescription has not been handed over to the pharmacy yet; `state` says where it stands.',
  },
  'ticket.not-sent': {
    status: 409,
    title: 'The pharmacy takes part once the prescription was sent: save it, and see what validation says.',
  },
  'ticket.question-open': {
    status: 409,
    title: 'A question on this ticket stops the work; `awaits` must answer `messageId` first, or its author delete it.',
  },
  'ticket.not-yours-to-move': { status: 403, title: 'Another party of the ticket sets this status.' },
  'ticket.moved-by-prescription': {
    status: 409,
    title:
      'This ticket ends with its prescription: cancel that one, or, once it is `ready`, have the pharmacy say `closed` when it was picked up.',
  },
  'ticket.pharmacy-chosen-by-routing': {
    status: 409,
    title: 'The prescription was sent: its pharmacy is changed at POST /api/prescriptions/:id/pharmacy.',
  },
  'ticket.already-open': {
    status: 409,
    title: 'Another open ticket has the same appointment, doctor, pharmacy and patient; `ticketId` names it.',
  },
  'ticket.parties-stand': {
    status: 422,
    title: 'Leave out patient, prescriber and pharmacy: the ticket says who they are.',
  },
  'ticket.no-prescription-here': { status: 409, title: 'A prescription is saved on a ticket of type prescription.' },
});
