import type { PrescriptionOrder } from '../../prescriptions/order/index.js';
import { FormatError } from './format-error.js';
import { isStorable, toOrder } from './order.schema.js';
import { checkEnvelope, readEnvelope, ScriptError, type ScriptEnvelope } from './script-envelope.js';
import { draftOrder, type DraftOrder } from './script-order.js';
import { filled } from './values.js';
import { parseXml, type XmlElement } from './xml.js';

export { buildCancelRxResponse, buildError, buildStatus, type ErrorCode } from './script-answers.js';
export { buildCancelRx, buildNewRx } from './script-build.js';
export type { ScriptVersion } from './script-codes.js';
export { ScriptError, type ScriptEnvelope, type ScriptParty } from './script-envelope.js';

/** What a CancelRx says about the prescription it means; the header's RelatesToMessageID comes first, this helps people. */
export interface ScriptCancel {
  relatesToMessageId?: string;
  prescriberOrderNumber?: string;
  rxReferenceNumber?: string;
  /** RequestReferenceNumber of senders that use one; echoed in the answer. */
  requestReferenceNumber?: string;
  prescriberNpi?: string;
  patientFirstName?: string;
  patientLastName?: string;
  birthDate?: string;
  ndc?: string;
  description?: string;
  writtenDate?: string;
}

export interface ScriptMessage extends ScriptEnvelope {
  /** Name of the element in the Body: NewRx, CancelRx, Status, … */
  transaction: string;
  /** Of a NewRx. */
  order?: PrescriptionOrder;
  /** Of a CancelRx. */
  cancel?: ScriptCancel;
  /** The message came as the text of a `<string>` element, as some web services send it. */
  unwrapped: boolean;
}

/**
 * Reads an NCPDP SCRIPT message of version 2017071 or 2023011.
 * @throws FormatError, and nothing else; a ScriptError when the header could be read.
 */
export function parseScript(input: Uint8Array | string): ScriptMessage {
  const { message, unwrapped } = messageOf(parseXml(input));
  const envelope = readEnvelope(message);
  checkEnvelope(message, envelope);
  const transaction = transactionOf(message, envelope);
  const read = { ...envelope, transaction: transaction.name, unwrapped };
  if (transaction.name === 'NewRx') {
    return { ...read, order: readOrder(draftOrder(message, transaction, envelope), envelope) };
  }
  if (transaction.name === 'CancelRx') return { ...read, cancel: cancelOf(message, transaction, envelope) };
  return read;
}

function messageOf(root: XmlElement): { message: XmlElement; unwrapped: boolean } {
  if (root.name === 'Message') return { message: root, unwrapped: false };
  // One level only: text within text within text is nobody's dialect.
  const inner = root.name === 'string' && root.children.length === 0 ? parseXml(root.text) : root;
  if (inner.name !== 'Message') throw new FormatError('intake.script-no-message');
  return { message: inner, unwrapped: true };
}

function transactionOf(message: XmlElement, envelope: ScriptEnvelope): XmlElement {
  const body = message.at('Body');
  if (!body) throw new ScriptError('intake.script-no-body', envelope);
  const [transaction, ...others] = body.children;
  if (!transaction || others.length > 0 || transaction.name.length > 64) {
    throw new ScriptError('intake.script-one-transaction', envelope);
  }
  return transaction;
}

function readOrder(draft: DraftOrder, envelope: ScriptEnvelope): PrescriptionOrder {
  try {
    return toOrder(draft);
  } catch (error) {
    throw error instanceof FormatError ? new ScriptError(error.code, envelope, error.issues) : error;
  }
}

function cancelOf(message: XmlElement, transaction: XmlElement, envelope: ScriptEnvelope): ScriptCancel {
  const order = readOrder(meantBy(draftOrder(message, transaction, envelope)), envelope);
  const reference = transaction.value('RequestReferenceNumber');
  if (reference !== undefined && (reference.length > 80 || !isStorable(reference))) {
    throw new ScriptError('intake.order-invalid', envelope, [
      { pointer: '/requestReferenceNumber', code: 'too_big', message: 'The value is too long or too large.' },
    ]);
  }
  return filled({
    relatesToMessageId: envelope.relatesToMessageId,
    prescriberOrderNumber: envelope.prescriberOrderNumber,
    rxReferenceNumber: envelope.rxReferenceNumber,
    requestReferenceNumber: reference,
    prescriberNpi: order.prescriber.npi,
    patientFirstName: order.patient.firstName,
    patientLastName: order.patient.lastName,
    birthDate: order.patient.birthDate,
    ndc: order.medication.ndc,
    description: order.medication.description,
    writtenDate: order.writtenDate,
  });
}

/** What tells the prescription that is meant; nothing else in a CancelRx is a reason to dispense after all. */
function meantBy({
  messageId,
  prescriberOrderNumber,
  writtenDate,
  patient,
  prescriber,
  medication,
}: DraftOrder): DraftOrder {
  const { firstName, lastName, birthDate } = patient;
  return {
    messageId,
    prescriberOrderNumber,
    writtenDate,
    patient: { firstName, lastName, birthDate },
    prescriber: { npi: prescriber.npi },
    medication: { ndc: medication.ndc, description: medication.description },
  };
}
