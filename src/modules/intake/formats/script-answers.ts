import { rootAttributes } from './script-codes.js';
import type { ScriptEnvelope, ScriptParty } from './script-envelope.js';
import { buildXml, type XmlContent } from './xml.js';

/** What an answer has of its own. Where the request named no receiver, `from` stands for us. */
export interface AnswerEnvelope {
  /** Fresh; never one that was sent before. */
  messageId: string;
  sentTime: Date;
  from?: ScriptParty;
}

export interface StatusAnswer extends AnswerEnvelope {
  /** 000 accepted by the switch, 001 in processing, 010 accepted by the ultimate receiver. */
  code: '000' | '001' | '010';
  description?: string;
}

/** 602 system error: the message may be sent again; 900 rejected: it may not. What else may be said, we have no cause to say. */
export type ErrorCode = '602' | '900';

export interface ErrorAnswer extends AnswerEnvelope {
  code: ErrorCode;
  descriptionCode?: string;
  /** Cut at 70 characters, as the standard has it. */
  description: string;
}

export type CancelAnswer = AnswerEnvelope & { requestReferenceNumber?: string; note?: string } & (
    { approved: true } | { approved: false; reasonCode?: string; denialReason: string }
  );

const MAX_DESCRIPTION = 70;
const MAX_NOTE = 210;

export function buildStatus(request: ScriptEnvelope, answer: StatusAnswer): string {
  return answered(request, answer, {
    Status: { Code: answer.code, Description: cut(answer.description, MAX_DESCRIPTION) },
  });
}

/** Without a request the bytes could not be read at all: the answer then names neither sender nor message. */
export function buildError(request: ScriptEnvelope | undefined, answer: ErrorAnswer): string {
  return answered(request, answer, {
    Error: {
      Code: answer.code,
      DescriptionCode: answer.descriptionCode,
      Description: cut(answer.description, MAX_DESCRIPTION),
    },
  });
}

export function buildCancelRxResponse(request: ScriptEnvelope, answer: CancelAnswer): string {
  const note = cut(answer.note, MAX_NOTE);
  return answered(request, answer, {
    CancelRxResponse: {
      RequestReferenceNumber: answer.requestReferenceNumber,
      Response: answer.approved
        ? { Approved: { Note: note } }
        : {
            Denied: {
              ReasonCode: answer.reasonCode,
              DenialReason: cut(answer.denialReason, MAX_DESCRIPTION),
              Note: note,
            },
          },
    },
  });
}

/** Root attributes of the request, To and From swapped, its numbers echoed. */
function answered(request: ScriptEnvelope | undefined, answer: AnswerEnvelope, body: XmlContent): string {
  const attributes = Object.keys(request?.rootAttributes ?? {}).some((name) => name !== 'xmlns')
    ? request?.rootAttributes
    : { ...request?.rootAttributes, ...rootAttributes[request?.version ?? '2017071'] };
  return buildXml({
    Message: {
      ...prefixed(attributes ?? {}),
      Header: {
        To: party(request?.from),
        From: party(request?.to ?? answer.from),
        MessageID: answer.messageId,
        RelatesToMessageID: request?.messageId,
        SentTime: answer.sentTime.toISOString(),
        RxReferenceNumber: request?.rxReferenceNumber,
        PrescriberOrderNumber: request?.prescriberOrderNumber,
      },
      Body: body,
    },
  });
}

export function party(value: ScriptParty | undefined): XmlContent | undefined {
  return value && { '@Qualifier': value.qualifier, '#text': value.id };
}

export function prefixed(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`@${name}`, value]));
}

/** By code points, so that no character is broken. */
function cut(text: string | undefined, length: number): string | undefined {
  const characters = Array.from(text ?? '');
  return characters.length <= length
    ? text
    : `${characters
        .slice(0, length - 3)
        .join('')
        .trimEnd()}...`;
}
