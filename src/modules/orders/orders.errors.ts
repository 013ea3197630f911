import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'careportals.event-disagrees': {
    status: 422,
    title: 'Path, header and body name different events; send one name, or the same everywhere.',
  },
  'careportals.event-unnamed': {
    status: 422,
    title: 'Neither line, header nor body names the event; give the word of the address as `event` of the line.',
  },
  'careportals.body-unreadable': {
    status: 422,
    title: 'The keys of the body do not make one object; `problem` says why.',
  },
  'order.not-found': { status: 404, title: 'There is no such order, or it is not yours to see.' },
  'subscription.not-found': { status: 404, title: 'There is no such subscription, or it is not yours to see.' },
  'subscription.not-stopped': { status: 409, title: 'Reminders of this subscription are not suppressed.' },
  'customer-review.not-found': { status: 404, title: 'There is no such review, or it is not yours to see.' },
  'customer-review.already-resolved': { status: 409, title: 'This review was resolved already.' },
});
