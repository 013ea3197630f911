import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'webhook.signature-invalid': {
    status: 401,
    title: 'The signature is missing, too old, or not made with a secret this address knows.',
  },
  'webhook.not-found': { status: 404, title: 'There is no such webhook event, or it is not yours to see.' },
  'webhook.no-handler': { status: 409, title: 'Nothing in this version handles events of that source.' },
  'webhook.under-way': { status: 409, title: 'The event is being worked on already; wait until that has ended.' },
});
