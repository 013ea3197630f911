import { fail } from '../enrollment.errors.js';
import { currentConsentText } from '../consent-texts.js';
import { cardOf, type CoverageChoice } from '../enrollment.policy.js';
import type { SentLink } from '../enrollments.service.js';
import type { EnrollmentView, StoredCoverage } from '../patient-enrollment.service.js';
import type {
  CoverageRequest,
  EnrollmentResponse,
  SentLinkResponse,
  StoredCoverageResponse,
} from './enrollment.dto.js';

export function sentLinkResponse(sent: SentLink): SentLinkResponse {
  const { prescriptionId, linkId, expiresAt, resent } = sent;
  return { prescriptionId, linkId, expiresAt: expiresAt.toISOString(), resent };
}

export function enrollmentResponse(view: EnrollmentView, supportPhone: string): EnrollmentResponse {
  const { version, title, paragraphs } = currentConsentText();
  return {
    brand: view.organization.brand,
    supportPhone: view.organization.supportPhone ?? supportPhone,
    status: view.state,
    expiresAt: view.expiresAt.toISOString(),
    needs: [...view.needs],
    identity: ['birthDate', view.secondProof],
    consent: { version, title, paragraphs: [...paragraphs] },
  };
}

export function storedCoverageResponse(stored: StoredCoverage): StoredCoverageResponse {
  if (stored.kind === 'cash') return { kind: 'cash', government: false };
  return {
    kind: 'insurance',
    ...stored.card,
    ...(stored.government !== undefined && { government: stored.government }),
  };
}

/** @throws enrollment.coverage-ambiguous when it answers "who pays" in more than one way */
export function choiceOf(request: CoverageRequest): CoverageChoice {
  const { bin, cardholderId, government } = request;
  const said = government === undefined ? {} : { government };
  const answers = [request.cash === true, request.onFile === true, bin !== undefined || cardholderId !== undefined];
  if (answers.filter(Boolean).length > 1) throw fail('enrollment.coverage-ambiguous');
  if (request.cash === true) return { kind: 'cash' };
  if (request.onFile === true) return { kind: 'on_file', ...said };
  const card = cardOf(request);
  if (card === undefined) throw fail('enrollment.coverage-required');
  return { kind: 'insurance', card, ...said };
}
