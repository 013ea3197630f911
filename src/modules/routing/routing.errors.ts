import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'routing.not-yet': {
    status: 409,
    title: 'Pharmacies were not ranked for this prescription yet; `state` says where it stands.',
  },
  'routing.not-recommended': {
    status: 409,
    title: 'This pharmacy is not in the latest ranked list; ask for a new list, or override with a reason.',
  },
  'routing.not-eligible': {
    status: 409,
    title: 'This pharmacy may not fill the prescription now; `reasons` says why. Some reasons can be overridden.',
  },
  'routing.legal-rule': {
    status: 409,
    title: 'The law forbids this pharmacy to fill the prescription (licence or schedule); nobody can override that.',
  },
  'routing.override-needs-reason': { status: 400, title: 'An override is allowed with a `reason` only.' },
  'routing.override-not-yours': { status: 403, title: 'Only operations staff may override the recommendation.' },
});
