import { defineErrors } from '../../platform/errors/index.js';
import { pictureErrors } from '../../platform/uploads/index.js';

export const fail = defineErrors({
  'enrollment.link-not-found': { status: 404, title: 'This link is not known. Check that it was copied in full.' },
  'enrollment.link-used': { status: 410, title: 'This enrollment is complete; the link has done its work.' },
  'enrollment.link-revoked': { status: 410, title: 'A newer link was sent; please use that one.' },
  'enrollment.link-locked': { status: 410, title: 'Too many wrong tries closed this link; ask us for a new one.' },
  'enrollment.link-expired': { status: 410, title: 'This link is too old; ask us for a new one.' },
  'enrollment.link-withdrawn': {
    status: 410,
    title: 'The order was cancelled or corrected, so this link no longer works; ask the prescriber or call us.',
  },
  'enrollment.not-recognized': {
    status: 403,
    title: 'That does not agree with what we have on file; `triesLeft` says how often you may try again.',
  },
  'enrollment.session-required': {
    status: 401,
    title: 'Say who you are first (verify); the session lasts 30 minutes.',
  },
  'enrollment.code-undeliverable': {
    status: 409,
    title: 'We have nothing on file to send a code to this way. Choose the other way, or call us.',
  },
  'enrollment.code-required': { status: 403, title: 'Showing coverage on file needs the one-time code as well.' },
  'enrollment.code-wrong': {
    status: 403,
    title: 'This is not the code we sent, or it is no longer valid; `triesLeft` says how often you may try again.',
  },
  'enrollment.no-coverage-on-file': { status: 404, title: 'No insurance is on file for this enrollment.' },
  'enrollment.coverage-required': { status: 422, title: 'Say which insurance to use, or that you pay yourself.' },
  'enrollment.coverage-ambiguous': {
    status: 422,
    title: 'Choose one: the details of a card, the coverage on file, or paying yourself.',
  },
  'enrollment.consent-outdated': {
    status: 409,
    title: 'The consent text has changed; read the version named in `current` and accept that.',
  },
  'enrollment.not-waiting': { status: 409, title: 'The order no longer waits for an enrollment; nothing more to do.' },
  'enrollment.patient-unknown': { status: 409, title: 'The prescription has no patient yet; validation comes first.' },
  'enrollment.picture-missing': { status: 422, title: 'Send a picture of the front, the back, or both.' },
  ...pictureErrors('enrollment.picture'),
  'enrollment.foreign-request': { status: 403, title: 'Forms are accepted from our own pages only.' },
  'coverage.picture-not-found': { status: 404, title: 'There is no such picture, or it is not yours to see.' },
});
