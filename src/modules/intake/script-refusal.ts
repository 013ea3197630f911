import { sha256 } from '../../platform/crypto/index.js';
import { newId } from '../../platform/ids/index.js';
import type { ErrorRenderer, ErrorStamp } from '../../platform/http/index.js';
import { buildError, type ErrorCode, type ScriptEnvelope } from './formats/script.js';
import type { Incoming, IntakeAnswer } from './incoming.js';

const xmlType = 'application/xml; charset=utf-8';

/** A SCRIPT Error. Without an envelope nothing of the message could be read, and the answer names neither. */
export function refusal(
  envelope: ScriptEnvelope | undefined,
  now: Date,
  code: ErrorCode,
  description: string,
  descriptionCode?: string,
): IntakeAnswer {
  const said = { code, description, ...(descriptionCode !== undefined && { descriptionCode }) };
  return { status: 200, contentType: xmlType, body: refused(envelope, { id: newId(), at: now }, said) };
}

function refused(
  envelope: ScriptEnvelope | undefined,
  { id, at }: ErrorStamp,
  said: { code: ErrorCode; description: string; descriptionCode?: string },
): string {
  return buildError(envelope, { ...said, messageId: id.replaceAll('-', ''), sentTime: at });
}

/**
 * Who sent it and under which number. A message without From is the caller's; one without MessageID is known again by its
 * bytes only.
 */
export function scriptKeyOf(incoming: Incoming, envelope: ScriptEnvelope): { sender: string; dedupeKey: string } {
  const { principal } = incoming;
  return {
    sender: envelope.from === undefined ? `script:${principal.kind}:${principal.id}` : `script:${envelope.from.id}`,
    dedupeKey: envelope.messageId === undefined ? `body:${sha256(incoming.raw)}` : `message:${envelope.messageId}`,
  };
}

/** What a status means to a sender of SCRIPT: 602 may be sent again, 900 may not. Sign-in stays problem+json. */
const codeOfStatus: Readonly<Partial<Record<number, ErrorCode>>> = {
  400: '900',
  408: '602',
  413: '900',
  415: '900',
  429: '602',
  500: '602',
  503: '602',
};

/** Errors from before or beside the door (too large, wrong encoding, database gone) for callers that speak XML. */
export const renderScriptError: ErrorRenderer = (problem, request, { id, at }) => {
  const code = codeOfStatus[problem.status];
  const type = request.headers['content-type'];
  if (code === undefined || typeof type !== 'string' || !/[/+]xml\b/i.test(type)) return undefined;
  return { contentType: xmlType, body: refused(undefined, { id, at }, { code, description: problem.title }) };
};
