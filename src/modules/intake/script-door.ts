import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { DomainError } from '../../platform/errors/index.js';
import { runInRequest } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { Audit } from '../audit/index.js';
import { FormatError } from './formats/format-error.js';
import { buildStatus, parseScript, ScriptError, type ScriptEnvelope, type ScriptMessage } from './formats/script.js';
import type { Incoming, IntakeAnswer } from './incoming.js';
import { answerTypes, IntakeStore, type NewPrescription } from './intake.store.js';
import { Receivers } from './receivers.service.js';
import { ScriptCancels } from './script-cancels.js';
import { refusal, scriptKeyOf } from './script-refusal.js';

/**
 * Answers SCRIPT messages in SCRIPT: HTTP 200 with Status 010 or Error, whatever the message says. Validation comes later
 * and is never part of the answer: 010 says that we have it.
 */
@Injectable()
export class ScriptDoor {
  constructor(
    private readonly store: IntakeStore,
    private readonly cancels: ScriptCancels,
    private readonly receivers: Receivers,
    private readonly audit: Audit,
    private readonly clock: Clock,
  ) {}

  async receive(incoming: Incoming): Promise<IntakeAnswer> {
    let envelope: ScriptEnvelope | undefined;
    try {
      const message = parseScript(incoming.raw);
      envelope = message;
      return await this.answer(incoming, message);
    } catch (error) {
      const known = error instanceof ScriptError ? error.envelope : envelope;
      if (error instanceof FormatError) return refusal(known, this.clock.now(), '900', sentenceOf(error));
      if (!isUnavailable(error)) throw error;
      const later = refusal(
        known,
        this.clock.now(),
        '602',
        'The receiver has a system error; send the message again later.',
      );
      return { ...later, status: 503, retryAfterSeconds: error.retryAfterSeconds ?? 2 };
    }
  }

  private async answer(incoming: Incoming, message: ScriptMessage): Promise<IntakeAnswer> {
    const { order, cancel } = message;
    if (order !== undefined) return this.newRx(incoming, message, order);
    if (cancel !== undefined) {
      const answer = await runInRequest(incoming.request, () => this.cancels.receive(incoming, message, cancel));
      return answer ?? this.reused(incoming, message);
    }
    return refusal(message, this.clock.now(), '900', 'This transaction is not supported; NewRx and CancelRx are.');
  }

  private async newRx(
    incoming: Incoming,
    message: ScriptMessage,
    order: NonNullable<ScriptMessage['order']>,
  ): Promise<IntakeAnswer> {
    const intake = this.newPrescription(incoming, message, order);
    const isOurs = await this.receivers.include(intake.organizationId, message.to);
    if (isOurs && (await this.store.receive(intake))) return intake.answer;
    const known = await this.store.find(intake.organizationId, intake.sender, intake.dedupeKey);
    if (known?.bodyHash === sha256(incoming.raw)) return known.answer;
    if (!isOurs) return refusal(message, this.clock.now(), '900', unknownReceiver, receiverNotOnFile);
    return this.reused(incoming, message);
  }

  private newPrescription(
    incoming: Incoming,
    message: ScriptMessage,
    order: NonNullable<ScriptMessage['order']>,
  ): NewPrescription {
    const now = this.clock.now();
    return {
      ...scriptKeyOf(incoming, message),
      id: newId(),
      eventId: newId(),
      prescriptionId: newId(),
      ticketId: newId(),
      organizationId: incoming.principal.organizationId,
      format: 'script',
      raw: incoming.raw,
      contentType: incoming.contentType,
      order: { ...order, ...(message.sentTime !== undefined && { sentAt: message.sentTime }) },
      messageId: message.messageId,
      answer: {
        status: 200,
        contentType: answerTypes.script,
        body: buildStatus(message, {
          code: '010',
          ...(message.versionWarning !== undefined && { description: message.versionWarning }),
          messageId: messageIdOf(),
          sentTime: now,
        }),
      },
      principal: incoming.principal,
      request: incoming.request,
      receivedAt: now,
    };
  }

  /** One MessageID for two messages: either a sender's fault or somebody trying. Both are worth a look. */
  private async reused(incoming: Incoming, message: ScriptMessage): Promise<IntakeAnswer> {
    const { sender, dedupeKey } = scriptKeyOf(incoming, message);
    const known = await this.store.find(incoming.principal.organizationId, sender, dedupeKey);
    const denied = {
      action: 'write',
      entity: 'intake_message',
      entityIds: known === undefined ? [] : [known.id],
      reason: 'intake.message-id-reused',
    } as const;
    await runInRequest(incoming.request, () => this.audit.recordDenied(denied));
    return refusal(message, this.clock.now(), '900', 'This MessageID was used before for another message.');
  }
}

/** DescriptionCode 002 of the VA's table: receiver id not on file. */
const receiverNotOnFile = '002';
const unknownReceiver = 'The message is addressed to a pharmacy that is not served here.';

/** WENO writes 32 hexadecimal digits; every reader takes them. */
function messageIdOf(): string {
  return newId().replaceAll('-', '');
}

/** The first field that is wrong, where one is: a Description has 70 characters. */
function sentenceOf(error: FormatError): string {
  const [issue] = error.issues;
  return issue === undefined || issue.pointer === '' ? error.message : `${issue.pointer}: ${issue.message}`;
}

function isUnavailable(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === 'service.unavailable';
}
