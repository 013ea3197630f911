import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { contextOf } from '../auth/index.js';
import { Cancellation, cancelledBy, type CancelOutcome } from '../cancellation/index.js';
import { finalStates } from '../prescriptions/index.js';
import { CancelSuggestions } from './cancel-suggestions.service.js';
import { buildCancelRxResponse, type ScriptCancel, type ScriptMessage } from './formats/script.js';
import type { Incoming, IntakeAnswer } from './incoming.js';
import { answerTypes, IntakeStore, type Message } from './intake.store.js';
import { scriptKeyOf } from './script-refusal.js';

type Verdict = { approved: true; note?: string } | { approved: false; denialReason: string; note?: string };

interface Located {
  prescriptionId: string | undefined;
  /** Not ended, and of a number the message says; never cancelled by it. */
  doubtful: readonly string[];
}

interface Kept {
  message: Message;
  prescriptionId: string | undefined;
  suggested: readonly string[];
}

const refillsCancelled = 'Remaining refills have been cancelled.';

/** What became of the cancel, as the prescriber's system reads it. */
const verdicts: Readonly<Record<CancelOutcome | 'unknown', Verdict>> = {
  cancelled: { approved: true },
  'already-cancelled': { approved: true, note: 'The prescription was cancelled before.' },
  'handed-over': {
    approved: false,
    denialReason: 'The medicine has already been handed over for delivery.',
    note: refillsCancelled,
  },
  'label-kept': {
    approved: false,
    denialReason: 'A label is bought for it that the carrier does not take back.',
    note: refillsCancelled,
  },
  over: { approved: false, denialReason: 'The prescription has already ended.' },
  unknown: { approved: false, denialReason: 'Unable to locate the prescription.' },
};

/** CancelRx: finds the prescription it means, asks for the cancel, and answers CancelRxResponse. */
@Injectable()
export class ScriptCancels {
  constructor(
    private readonly store: IntakeStore,
    private readonly cancellation: Cancellation,
    private readonly suggestions: CancelSuggestions,
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** @returns undefined when the MessageID was used before for another message */
  async receive(incoming: Incoming, message: ScriptMessage, cancel: ScriptCancel): Promise<IntakeAnswer | undefined> {
    const { organizationId } = incoming.principal;
    const { sender, dedupeKey } = scriptKeyOf(incoming, message);
    const earlier = await this.store.find(organizationId, sender, dedupeKey);
    if (earlier !== undefined) return earlier.bodyHash === sha256(incoming.raw) ? earlier.answer : undefined;
    const { prescriptionId, doubtful } = await this.locate(incoming, sender, cancel);
    const suggested = prescriptionId === undefined ? await this.suggest(incoming, cancel, doubtful) : [];
    const answer = answerOf(message, cancel, await this.decide(incoming, prescriptionId), this.clock.now());
    const kept = await this.keep({
      message: {
        id: newId(),
        organizationId,
        format: 'script',
        sender,
        dedupeKey,
        raw: incoming.raw,
        contentType: incoming.contentType,
        answer,
        receivedAt: this.clock.now(),
      },
      prescriptionId,
      suggested,
    });
    if (kept) return answer;
    const first = await this.store.find(organizationId, sender, dedupeKey);
    return first?.bodyHash === sha256(incoming.raw) ? first.answer : undefined;
  }

  /**
   * By the message it answers, then by the prescriber's own number; only among what the same sender sent, and by a number only
   * what names nobody else: of one clinic's mailbox two prescribers may number alike. Names and dates would be a guess, and a
   * wrong guess cancels a stranger's medicine: those only make a suggestion to operations.
   */
  private async locate(incoming: Incoming, sender: string, cancel: ScriptCancel): Promise<Located> {
    const { principal } = incoming;
    const ways = [
      { column: 'message_id', value: cancel.relatesToMessageId, checked: false },
      { column: 'prescriber_order_number', value: cancel.prescriberOrderNumber, checked: true },
    ] as const;
    const doubted = [];
    for (const { column, value, checked } of ways) {
      if (value === undefined) continue;
      const context = contextOf(principal);
      const numbered = await this.store.candidates(context, principal.organizationId, sender, { column, value });
      const { same, doubtful } = checked
        ? await this.suggestions.byPeople(context, numbered, cancel)
        : { same: numbered, doubtful: numbered };
      const meant = onlyOne(same) ?? onlyOne(same.filter(isLive));
      if (meant !== undefined) return { prescriptionId: meant.id, doubtful: [] };
      doubted.push(...doubtful.filter(isLive));
    }
    return { prescriptionId: undefined, doubtful: doubted.map(({ id }) => id) };
  }

  /** Another mailbox of the same organization may have sent it, so its sender does not matter for what is found by people. */
  private async suggest(
    { principal }: Incoming,
    cancel: ScriptCancel,
    doubtful: readonly string[],
  ): Promise<readonly string[]> {
    const found = await this.suggestions.find(contextOf(principal), principal.organizationId, cancel);
    return [...new Set([...doubtful, ...found])];
  }

  /** @returns false when the message was here before: then its suggestions were, too */
  private keep({ message, prescriptionId, suggested }: Kept): Promise<boolean> {
    return this.db.tx(systemContext, async (tx) => {
      const kept = await this.store.keep(tx, message, prescriptionId);
      if (kept && suggested.length > 0) await this.suggestions.note(tx, message.id, suggested);
      return kept;
    });
  }

  private async decide(incoming: Incoming, prescriptionId: string | undefined): Promise<CancelOutcome | 'unknown'> {
    if (prescriptionId === undefined) return 'unknown';
    const by = cancelledBy(incoming.principal);
    const outcome = await this.cancellation.request(by, prescriptionId, 'cancelrx');
    if (outcome === 'handed-over' || outcome === 'label-kept') await this.cancellation.cancelRefills(prescriptionId);
    return outcome;
  }
}

function answerOf(
  message: ScriptMessage,
  cancel: ScriptCancel,
  outcome: CancelOutcome | 'unknown',
  now: Date,
): IntakeAnswer {
  const { requestReferenceNumber } = cancel;
  const body = buildCancelRxResponse(message, {
    ...verdicts[outcome],
    ...(requestReferenceNumber !== undefined && { requestReferenceNumber }),
    messageId: newId().replaceAll('-', ''),
    sentTime: now,
  });
  return { status: 200, contentType: answerTypes.script, body };
}

function onlyOne<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function isLive({ state }: { state: string }): boolean {
  return !(finalStates as readonly string[]).includes(state);
}
