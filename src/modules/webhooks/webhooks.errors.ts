import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'webhook.signature-invalid': {
    status: 401,
    title: 'The signature is missing, too old, or not made with a secret this address knows.',
  },
  // Stripe's own libraries answer 400 (docs.stripe.com/webhooks, "Verify webhook signatures").
  'webhook.stripe-signature-invalid': {
    status: 400,
    title: 'The Stripe-Signature is missing, too old, or not made with a signing secret this address knows.',
  },
  'webhook.not-found': { status: 404, title: 'There is no such webhook event, or it is not yours to see.' },
  'webhook.no-handler': { status: 409, title: 'Nothing in this version handles events of that source.' },
  'webhook.source-ambiguous': {
    status: 422,
    title: 'This vendor has several sources; name one of them, such as twilio-inbound or careportals.<code>.',
  },
  'webhook.reveal-forbidden': {
    status: 403,
    title:
      'The content of an event is shown to those who may reveal it; of one that belongs to nobody yet, to administrators.',
  },
  'webhook.replay-not-found': { status: 404, title: 'There is no such replay, or it is not yours to see.' },
  'webhook.replay-too-large': {
    status: 422,
    title: 'More than 100,000 events match; narrow the time or the status.',
  },
  'webhook.import-too-many-lines': { status: 413, title: 'An import has at most 10,000 lines; send several.' },
  'webhook.import-line-too-long': { status: 413, title: 'A line of an import has at most 1 MB.' },
  'webhook.import-line-invalid': {
    status: 400,
    title:
      'A line of an import is a JSON object with source, headers, and body or bodyBase64; of CarePortals also event, if known.',
  },
  'webhook.under-way': { status: 409, title: 'The event is being worked on already; wait until that has ended.' },
});
