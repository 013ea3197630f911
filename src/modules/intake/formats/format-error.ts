/** One thing wrong with a body: where (JSON pointer into the order), what kind, and a sentence that never holds the value. */
export interface FormatIssue {
  pointer: string;
  code: string;
  message: string;
}

/** Every code a body can be refused with before it becomes an order. The codes are the contract, the sentences are not. */
export const formatErrors = {
  'intake.xml-too-large': 'The XML is larger than 512 KB or holds more than 20,000 elements.',
  'intake.xml-encoding': 'The XML is not in an encoding this door reads (UTF-8 or UTF-16).',
  'intake.xml-dtd': 'The XML carries a document type or an entity declaration; neither is accepted.',
  'intake.xml-too-deep': 'The XML is nested deeper than 64 elements.',
  'intake.xml-malformed': 'The XML is not well-formed.',
  'intake.script-no-message': 'The root element is not a SCRIPT Message.',
  'intake.script-no-body': 'The SCRIPT Message has no Body.',
  'intake.script-one-transaction': 'The Body must hold exactly one transaction.',
  'intake.script-version': 'This SCRIPT version is not supported: 2017071 and 2023011 are.',
  'intake.script-sent-time': 'SentTime must be a date and time with an offset.',
  'intake.json-not-object': 'The body must be a JSON object.',
  'intake.fhir-not-a-resource': 'The body must be a FHIR R4 MedicationRequest or Bundle.',
  'intake.fhir-one-request': 'The Bundle must hold exactly one MedicationRequest.',
  'intake.fhir-not-an-order':
    'The MedicationRequest is not an order that can be filled (its intent, its status, or an element that changes its meaning).',
  'intake.fhir-invalid': 'The FHIR resource does not have the documented form; see the issues.',
  'intake.order-invalid': 'The order does not have the documented form; see the issues.',
} as const;

export type FormatErrorCode = keyof typeof formatErrors;

/** A body that cannot be read into an order. Its message names the rule broken, never what was sent. */
export class FormatError extends Error {
  constructor(
    readonly code: FormatErrorCode,
    readonly issues: readonly FormatIssue[] = [],
  ) {
    super(formatErrors[code]);
    this.name = 'FormatError';
  }
}
