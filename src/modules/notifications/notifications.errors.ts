import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'inbound-text.not-found': { status: 404, title: 'There is no such text message, or it is not yours to see.' },
  'notification.not-found': { status: 404, title: 'There is no such notification, or it is not yours to see.' },
  'notification.not-retryable': {
    status: 409,
    title:
      'Only messages that failed, wait as a dead letter, or were held back for a reason that can pass are sent again.',
  },
});
