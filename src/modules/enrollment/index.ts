export { Consent } from './consent.entity.js';
export { consentTexts, currentConsentText } from './consent-texts.js';
export { PatientCoverage } from './coverage.entity.js';
export { EnrollmentCode, EnrollmentLink, EnrollmentSession } from './enrollment-link.entity.js';
export { EnrollmentModule } from './enrollment.module.js';
export { Enrollments } from './enrollments.service.js';
