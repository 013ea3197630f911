import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { LastFills, Prescriptions, type Actor, type Prescription } from '../prescriptions/index.js';
import { cardCheckRequestedEvent, resubmitJob } from './adjudication.jobs.js';
import { cardCheckRule } from './card-check.policy.js';
import type { ClaimReply } from './claim-answers.js';
import { ClaimsStore } from './claims.store.js';
import type { Disposition } from './disposition.policy.js';
import { PriorAuthorizations } from './prior-authorizations.service.js';
import { verdictOf, type RejectVerdict } from './reject.policy.js';

/** When the pharmacy opens: a claim before that is answered, but nobody there would see it. */
const resubmitHour = 8;

/** What a rejected claim sets in motion, in the transaction that rejects it. */
@Injectable()
export class Rejections {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly lastFills: LastFills,
    private readonly store: ClaimsStore,
    private readonly authorizations: PriorAuthorizations,
  ) {}

  /** @returns false when the prescription had moved on */
  async byPayer(
    tx: Tx,
    prescription: Prescription,
    attempt: number,
    claimId: string,
    reply: ClaimReply,
    disposition: Disposition,
    run: JobRun,
  ): Promise<boolean> {
    const verdict = await this.mark(tx, prescription, claimId, reply, disposition);
    if (!(await this.move(tx, prescription, verdict, { kind: 'payer' }, run))) return false;
    await this.authorizations.askedFor(tx, prescription, claimId, verdict);
    if (verdict.waits && reply.nextFillDate !== null) {
      await this.scheduleResubmission(tx, prescription, attempt, reply.nextFillDate);
    }
    if (verdict.reroutes) await this.askForReroute(tx, prescription);
    await this.askForCardCheck(tx, prescription, claimId);
    await this.askClinic(tx, prescription, claimId, verdict);
    return true;
  }

  /** The claim could not even be made; `missing` are our own codes. */
  async unclaimable(
    tx: Tx,
    prescription: Prescription,
    claimId: string,
    missing: readonly string[],
    run: JobRun,
  ): Promise<void> {
    const verdict = verdictOf(missing, prescription);
    await this.store.markRejected(
      tx,
      claimId,
      {
        codes: missing,
        class: verdict.first.class,
        nextStep: verdict.first.nextStep,
        conflict: false,
        nextFillDate: undefined,
        messagesSealed: undefined,
        helpDeskPhone: undefined,
        durAlerts: [],
        durSealed: undefined,
        authorizationNumber: undefined,
      },
      this.clock.now(),
    );
    if (await this.move(tx, prescription, verdict, { kind: 'system' }, run)) {
      await this.askForCardCheck(tx, prescription, claimId);
      await this.askClinic(tx, prescription, claimId, verdict);
    }
  }

  /** Writes the reject to its claim. */
  async mark(
    tx: Tx,
    prescription: Prescription,
    claimId: string,
    reply: ClaimReply,
    disposition: Disposition,
  ): Promise<RejectVerdict> {
    const codes = await this.codesOf(tx, prescription, reply, disposition);
    const verdict = verdictOf(disposition.conflict ? ['answer.conflict'] : codes, prescription);
    await this.store.markRejected(
      tx,
      claimId,
      {
        codes,
        class: verdict.first.class,
        nextStep: verdict.first.nextStep,
        conflict: disposition.conflict,
        nextFillDate: reply.nextFillDate ?? undefined,
        messagesSealed: sealedOf(reply.messages),
        helpDeskPhone: reply.helpDeskPhone ?? undefined,
        durAlerts: reply.durAlerts ?? [],
        durSealed: sealedOf(reply.durTexts),
        authorizationNumber: reply.id ?? undefined,
      },
      this.clock.now(),
    );
    return verdict;
  }

  private async move(
    tx: Tx,
    { id }: Prescription,
    verdict: RejectVerdict,
    actor: Actor,
    run: JobRun,
  ): Promise<boolean> {
    const moved = await this.prescriptions.move(tx, {
      id,
      action: 'reject_claim',
      actor,
      trigger: 'worker',
      reason: verdict.all.map(({ code }) => code).join(', '),
      run,
    });
    return moved !== undefined;
  }

  /** A date on which the prescription may not be filled any more is nothing to wait for. */
  private async codesOf(
    tx: Tx,
    prescription: Prescription,
    reply: ClaimReply,
    disposition: Disposition,
  ): Promise<string[]> {
    const codes = codesNamed(reply, disposition);
    const { nextFillDate } = reply;
    if (nextFillDate === null || !verdictOf(codes, prescription).waits) return codes;
    const isTooLate = await this.lastFills.isBefore(tx, prescription, nextFillDate);
    return isTooLate ? [...codes, 'order.expired'] : codes;
  }

  private async scheduleResubmission(tx: Tx, prescription: Prescription, attempt: number, nextFillDate: string) {
    const { id, organizationId, pharmacyId, ndc } = prescription;
    const pharmacy = pharmacyId === null ? undefined : await this.store.fillFacts(tx, pharmacyId, ndc);
    const zone = pharmacy?.timeZone ?? 'America/New_York';
    const dueAt = nextMorning(nextFillDate, zone, this.clock.now());
    await this.outbox.enqueue(
      tx,
      resubmitJob,
      { prescriptionId: id, attempt },
      { dueAt, dedupeKey: `resubmit:${id}:${attempt}`, aggregateId: id, organizationId },
    );
  }

  /** Routing listens; the payer's word counts more than our table of networks. */
  private async askForReroute(tx: Tx, { id, organizationId, pharmacyId }: Prescription): Promise<void> {
    await this.outbox.publish(tx, {
      name: 'reroute_requested',
      aggregateId: id,
      organizationId,
      payload: { prescriptionId: id, refusedPharmacyId: pharmacyId ?? undefined },
    });
  }

  /** The ticket's thread listens: the question stands there until the doctor has answered it, or the claim went on without. */
  private async askClinic(
    tx: Tx,
    { id, organizationId }: Prescription,
    claimId: string,
    { asksClinic: asks }: RejectVerdict,
  ): Promise<void> {
    if (asks === undefined) return;
    const payload = { prescriptionId: id, claimId, asks };
    await this.outbox.publish(tx, { name: 'clinic_asked', aggregateId: id, organizationId, payload });
  }

  /**
   * Enrollment listens: it has the link, and what the patient answers there sends the claim again. What the patient has put on
   * file since the claim was made does so at once.
   */
  private async askForCardCheck(tx: Tx, { id, organizationId }: Prescription, claimId: string): Promise<void> {
    const claims = await this.store.ofPrescription(tx, id);
    if (cardCheckRule(claims) !== 'ask') return;
    const claimedAt = claims.find((claim) => claim.id === claimId)?.createdAt.toISOString();
    await this.outbox.publish(tx, {
      name: cardCheckRequestedEvent,
      aggregateId: id,
      organizationId,
      payload: { prescriptionId: id, claimId, claimedAt },
    });
  }
}

function sealedOf(base64: string | null | undefined): Buffer | undefined {
  return base64 == null ? undefined : Buffer.from(base64, 'base64');
}

/** A date that has passed already would be asked about again at once, for ever: then it is tomorrow. */
function nextMorning(nextFillDate: string, zone: string, now: Date): Date {
  const named = DateTime.fromISO(nextFillDate, { zone }).set({ hour: resubmitHour });
  const tomorrow = DateTime.fromJSDate(now, { zone }).startOf('day').plus({ days: 1 }).set({ hour: resubmitHour });
  return (named.toMillis() > now.getTime() ? named : tomorrow).toJSDate();
}

/** A deferred claim without a code waits for the payer's own decision on the authorization (3W). */
function codesNamed({ rejectCodes }: ClaimReply, { outcome }: Disposition): string[] {
  return outcome === 'deferred' && rejectCodes.length === 0 ? ['3W'] : rejectCodes;
}
