import { defineErrors } from '../../platform/errors/index.js';

/** Reasons of dead letters that ask a person to speak to somebody; what to do says shipping.waiting.ts. */
export const orderExpired = 'shipping.order-expired';
export const orderInDoubt = 'shipping.order-in-doubt';
export const pharmacyToBeTold = 'shipping.pharmacy-to-be-told';

export const fail = defineErrors({
  'shipment.not-found': { status: 404, title: 'There is no such shipment, or it is not yours to see.' },
  'shipment.label-missing': {
    status: 404,
    title:
      'This parcel has no label of ours to print: its pharmacy ships with its own, or ours was found only to be given back.',
  },
  'shipment.already-scanned': {
    status: 409,
    title: 'The carrier has the parcel; its label can no longer be voided.',
  },
  'shipment.not-refunded': {
    status: 409,
    title:
      'The carrier does not take this label back although it has not seen the parcel; speak to its support, then ask again.',
  },
  'shipment.not-voidable': {
    status: 409,
    title: 'Only labels this platform bought can be voided here; speak to the pharmacy.',
  },
  'lifefile.body-unreadable': {
    status: 400,
    title: 'The body is neither JSON nor XML that can be read here; XML with a document type or entities is refused.',
  },
  'lifefile.too-many-parts': {
    status: 413,
    title: 'The body speaks of more than 500 prescriptions; send them in several.',
  },
});
