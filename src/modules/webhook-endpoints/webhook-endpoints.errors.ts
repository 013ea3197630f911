import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'webhook-endpoint.not-found': { status: 404, title: 'There is no such webhook endpoint, or it is not yours to see.' },
  'webhook-endpoint.url-refused': {
    status: 422,
    title: 'Webhooks go to public https addresses without a user name; `problem` says what is wrong with this one.',
  },
  'webhook-endpoint.too-many': {
    status: 409,
    title: 'The organization has as many webhook endpoints as it may have; delete one first.',
  },
  'webhook-endpoint.disabled': { status: 409, title: 'The endpoint gets nothing at the moment; enable it first.' },
  'webhook-delivery.not-found': { status: 404, title: 'There is no such delivery, or it is not yours to see.' },
  'webhook-delivery.under-way': { status: 409, title: 'The delivery is still being tried; wait until that has ended.' },
});
