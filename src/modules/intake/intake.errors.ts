import { defineErrors, type DomainError, type ErrorSpec } from '../../platform/errors/index.js';
import { formatErrors, type FormatError, type FormatErrorCode } from './formats/format-error.js';

const formatSpecs = Object.fromEntries(
  Object.entries(formatErrors).map(([code, title]) => [code, { status: 400, title }]),
) as Readonly<Record<FormatErrorCode, ErrorSpec>>;

export const fail = defineErrors({
  ...formatSpecs,
  'intake.correction-unchanged': { status: 422, title: 'The patch changes nothing of the order.' },
  'intake.original-not-found': {
    status: 404,
    title: 'There is no original of this prescription, or it is not yours to see.',
  },
});

/** Codes a JSON or FHIR body can be refused with. */
export const bodyCodes = [
  'intake.json-not-object',
  'intake.fhir-not-a-resource',
  'intake.fhir-one-request',
  'intake.fhir-not-an-order',
  'intake.fhir-invalid',
  'intake.order-invalid',
] as const satisfies readonly FormatErrorCode[];

/** What is wrong with a body, with one entry per field and no value repeated. */
export function problemOfFormat(error: FormatError): DomainError {
  return fail(error.code, { meta: { errors: error.issues } });
}
