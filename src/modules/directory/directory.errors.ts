import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'organization.not-found': { status: 404, title: 'There is no such organization, or it is not yours to see.' },
  'pharmacy.not-found': { status: 404, title: 'There is no such pharmacy, or it is not yours to see.' },
  'pharmacy.already-exists': {
    status: 409,
    title: 'A pharmacy with this NCPDP id exists already; change it instead.',
  },
  'pharmacy.zip-outside-state': { status: 422, title: 'The ZIP code does not lie in the stated state.' },
  'provider.not-found': { status: 404, title: 'There is no such provider, or it is not yours to see.' },
  'patient.not-found': { status: 404, title: 'There is no such patient, or it is not yours to see.' },
  'patient.zip-outside-state': { status: 422, title: 'The ZIP code does not lie in the stated state.' },
  'patient.unfindable': {
    status: 422,
    title: 'A patient needs an external id, email, phone or ZIP to be found by again.',
  },
  'patient-review.not-found': { status: 404, title: 'There is no such review, or it is not yours to see.' },
  'patient-review.already-resolved': { status: 409, title: 'This review was resolved already.' },
  'drug.not-found': { status: 404, title: 'This NDC is not in the drug directory.' },
  'drug.ndc-invalid': { status: 422, title: 'The NDC needs 11 digits, or hyphens that say which part is which.' },
});
