import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'prescription.not-found': { status: 404, title: 'There is no such prescription, or it is not yours to see.' },
  'prescription.illegal-action': {
    status: 409,
    title: 'The prescription is not in a state that allows this action; `state` says where it stands.',
  },
  'prescription.already-handed-over': {
    status: 409,
    title: 'The medicine is already on its way; it can no longer be cancelled here.',
  },
  'prescription.label-not-refunded': {
    status: 409,
    title:
      'The carrier does not take the label of its parcel back. Ask the pharmacy to hold the parcel and the carrier to refund the label, then cancel again.',
  },
  'prescription.cursor-invalid': { status: 400, title: 'The cursor was not made by this list; start without one.' },
});
