import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'claim.not-found': { status: 404, title: 'There is no such claim, or it is not yours to see.' },
  'claim.not-reversible': {
    status: 409,
    title: 'Only a paid claim can be reversed; `state` says what this one is.',
  },
  'claim.already-used': {
    status: 409,
    title: 'The patient has paid or the pharmacy has the order; cancel the prescription first, then reverse.',
  },
  'claim.not-dispensed': {
    status: 409,
    title:
      'This result says that the drug is not dispensed, and what is retried is: cancel the prescription (POST /api/prescriptions/:id/cancel).',
  },
  'claim.quantity-controlled': {
    status: 409,
    title: 'The quantity of a controlled drug is changed by a new prescription only.',
  },
  'claim.quantity-too-large': { status: 409, title: 'A retry may lower the quantity, never raise it above the order.' },
});
