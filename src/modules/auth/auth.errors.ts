import { defineErrors } from '../../platform/errors/index.js';

export const fail = defineErrors({
  'auth.bad-credentials': { status: 401, title: 'The address or the password is wrong.' },
  'auth.session-ended': { status: 401, title: 'This sign-in has ended; sign in again.' },
  'auth.cross-site': { status: 403, title: 'Requests from other sites are refused.' },
  'user.not-found': { status: 404, title: 'There is no such user in your organization.' },
  'user.email-taken': { status: 409, title: 'There is an account with this address already.' },
  'user.link-missing': {
    status: 422,
    title: 'A doctor needs a providerId, pharmacy staff a pharmacyId, a patient a patientId; other roles have none.',
  },
  'user.link-unknown': {
    status: 422,
    title: 'There is no such provider, pharmacy or patient in your organization.',
  },
  'user.own-account': { status: 409, title: 'Nobody changes the role of, or disables, the own account.' },
  'api-key.not-found': { status: 404, title: 'There is no such API key in your organization.' },
  'api-key.scope-not-grantable': { status: 422, title: 'A key cannot have one of these scopes; see `scopes`.' },
});
