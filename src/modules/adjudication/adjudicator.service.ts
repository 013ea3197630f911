import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring, sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, Refused } from '../../platform/effects/index.js';
import { newId } from '../../platform/ids/index.js';
import { TryLater, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { FirstFills, Prescriptions, type Prescription } from '../prescriptions/index.js';
import { adjudicateJob, reverseJob } from './adjudication.jobs.js';
import { currentAttempt } from './attempt.policy.js';
import { Attempts, type Attempt } from './attempts.service.js';
import { replyOf, type ClaimReply } from './claim-answers.js';
import { buildCouponClaim } from './claim.builder.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore } from './claims.store.js';
import { couponDecision } from './coupon.policy.js';
import { dispositionOf, type Disposition } from './disposition.policy.js';
import {
  ClaimSwitch,
  hostDown,
  SwitchUnavailable,
  unknownStatus,
  unreadable,
  type Claim,
  type ClaimAmounts,
} from './gateways/claim-switch.port.js';
import { settle, type PaidAmounts } from './pricing.policy.js';
import { Rejections } from './rejections.service.js';
import { claimStandsAfter, isOpenConflict } from './reversal.policy.js';
import { claimKind, reversalOrder, Reversals } from './reversals.service.js';
import { cashSettled, planSettled, type Settled } from './settled.policy.js';

type PlanAttempt = Extract<Attempt, { kind: 'claim' }>;

/** A reversal is one call to the payer. */
const reversalWaitMs = 2_000;

/**
 * Asks the payers and decides what the patient owes. Every outside call stands in the effects ledger under a key of its
 * attempt, and each claim is stored before it is sent: interrupted anywhere, a repetition walks the same way.
 */
@Injectable()
export class Adjudicator {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly effects: Effects,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly firstFills: FirstFills,
    private readonly attempts: Attempts,
    private readonly store: ClaimsStore,
    private readonly claimSwitch: ClaimSwitch,
    private readonly rejections: Rejections,
    private readonly reversals: Reversals,
  ) {}

  async adjudicate(prescriptionId: string, run: JobRun): Promise<void> {
    const begun = await this.db.tx(systemContext, (tx) => this.begin(tx, prescriptionId, run));
    if (begun === 'cancelled') await this.reversals.reverseAll(prescriptionId, reversalOrder, 'ended');
    if (begun === 'later') throw beingReversed();
    if (typeof begun === 'object') await this.adjudicatePlan(begun, run);
  }

  /** Ends at once what needs no payer. @returns the claim to send, or why there is none: `later` while an earlier one is taken back */
  private async begin(tx: Tx, id: string, run: JobRun): Promise<PlanAttempt | 'done' | 'cancelled' | 'later'> {
    const prescription = await this.prescriptions.lock(tx, id);
    if (prescription.state === 'cancelled') {
      // A claim nobody answered may still be paid: what is asked back before that overtakes it, and nobody asks again.
      await this.effects.refuseWhileHeld(tx, { kind: claimKind, aggregateId: id });
      return 'cancelled';
    }
    // On the direct path the pharmacy bills by itself; shipping hands over.
    if (prescription.state !== 'pharmacy_selected' || prescription.path === 'direct') return 'done';
    // A reversal names number and fill: after the next claim it would take that one back.
    if (await this.store.isReversalOpen(tx, id)) return 'later';
    const claims = await this.store.ofPrescription(tx, id);
    if (await this.takesBack(tx, prescription, claims)) return 'later';
    // A claim made now would be one for today, and what is paid is shipped.
    if (await this.firstFills.putOff(tx, adjudicateJob, prescription, run)) return 'done';
    const attempt = await this.attempts.prepare(tx, prescription, claims);
    if (attempt.kind === 'claim') return attempt;
    const { kind } = attempt;
    if (kind === 'cash') await this.approve(tx, prescription, cashSettled(attempt.cashPriceCents), run);
    else await this.rejections.unclaimable(tx, prescription, attempt.claimId, attempt.missing, run);
    return 'done';
  }

  /**
   * What a payer rejected and may have paid for all the same is given back before anything else is claimed or owed, whoever began
   * the new attempt. Asked for once an attempt: a payer that refuses to take it back holds nobody up, one that gave no answer does.
   */
  private async takesBack(
    tx: Tx,
    { id, organizationId }: Prescription,
    claims: readonly ClaimRecord[],
  ): Promise<boolean> {
    const { number } = currentAttempt(claims);
    const asked = claims
      .filter(isOpenConflict)
      .map(({ id: claimId }) =>
        this.outbox.enqueue(
          tx,
          reverseJob,
          { claimId },
          { aggregateId: id, organizationId, dedupeKey: `reverse:${claimId}:${number}` },
        ),
      );
    return (await Promise.all(asked)).some((job) => job !== undefined);
  }

  private async adjudicatePlan(attempt: PlanAttempt, run: JobRun): Promise<void> {
    const reply = await this.answered(attempt, attempt.claim, 'primary');
    const disposition = dispositionOf(answerOf(reply));
    if (disposition.outcome !== 'paid' || reply.amounts === null) {
      await this.reject(attempt, reply, disposition, run);
      return;
    }
    const { patientPayCents } = reply.amounts;
    const couponClaim = await this.primaryPaid(attempt, reply, reply.amounts);
    const couponPayCents = couponClaim === undefined ? 0 : await this.billCoupon(attempt, couponClaim);
    const paid = { patientPayCents, couponPayCents };
    const { pays } = settle(paid, attempt.cashPriceCents);
    const settled =
      pays === 'plan'
        ? planSettled(attempt.claim, paid, couponClaim)
        : await this.payCashInstead(attempt, paid, couponClaim);
    await this.finish(attempt, settled, run);
  }

  /** @throws SwitchUnavailable while the payer has not decided; the same key asks again */
  private async send(attempt: PlanAttempt, claim: Claim, payer: 'primary' | 'secondary'): Promise<ClaimReply> {
    const { prescription, number } = attempt;
    return this.effects.once<ClaimReply>({
      key: `claim:${prescription.id}:${number}${payer === 'primary' ? '' : ':secondary'}`,
      kind: claimKind,
      requestHash: sha256(JSON.stringify(claim)),
      aggregateId: prescription.id,
      organizationId: prescription.organizationId,
      call: async () => {
        const answer = await this.claimSwitch.submit(claim);
        const { outcome } = dispositionOf(answer);
        // It failed while working on the claim (99), or did not answer the switch (92): it may still pay.
        if (outcome === 'host-down') throw new SwitchUnavailable(hostDown, false);
        if (outcome === 'unknown') {
          await this.db.tx(systemContext, (tx) => this.store.markUnknown(tx, claim.claimId, this.clock.now()));
          throw new SwitchUnavailable(unknownStatus);
        }
        return replyOf(this.keyring, claim.claimId, answer);
      },
    });
  }

  private async reject(attempt: PlanAttempt, reply: ClaimReply, disposition: Disposition, run: JobRun): Promise<void> {
    const rejected = await this.db.tx(systemContext, (tx) =>
      this.rejections.byPayer(tx, attempt.prescription, attempt.number, attempt.claim.claimId, reply, disposition, run),
    );
    if (!rejected) await this.reverseIfCancelled(attempt.prescription.id);
  }

  /** @returns the coupon's claim when there is one to bill */
  private async primaryPaid(
    attempt: PlanAttempt,
    reply: ClaimReply,
    amounts: ClaimAmounts,
  ): Promise<Claim | undefined> {
    const { prescription, number, claim, government } = attempt;
    return this.db.tx(systemContext, async (tx) => {
      await this.store.markPaid(tx, claim.claimId, { ...amounts, authorizationNumber: reply.id }, this.clock.now());
      const earlier = (await this.store.ofPrescription(tx, prescription.id)).find(
        (one) => one.attempt === number && one.payerOrder === 'secondary',
      );
      if (earlier !== undefined) return this.attempts.request(earlier);
      const { patientPayCents, planPayCents } = amounts;
      const coupon = await this.store.coupon(tx, prescription.organizationId, claim.fill.ndc);
      const decision = couponDecision({ government, patientPayCents, couponOnFile: coupon !== undefined });
      await this.store.noteCoupon(tx, claim.claimId, decision.use ? 'coupon.billed' : decision.code);
      if (!decision.use || coupon === undefined) return undefined;
      const paid = { bin: claim.payer.bin, date: claim.dateOfService, planPayCents, patientPayCents };
      const couponClaim = buildCouponClaim(newId(), claim, coupon, paid);
      await this.attempts.addClaim(tx, prescription, number, 'secondary', couponClaim);
      return couponClaim;
    });
  }

  /**
   * A coupon that says no is no failure: the patient owes what the plan left. One that also said paid is taken back first, and
   * the approval waits for that. @returns what it pays, in cents
   */
  private async billCoupon(attempt: PlanAttempt, claim: Claim): Promise<number> {
    const reply = await this.answered(attempt, claim, 'secondary');
    const disposition = dispositionOf(answerOf(reply));
    const { amounts } = reply;
    return this.db.tx(systemContext, async (tx) => {
      if (disposition.outcome !== 'paid' || amounts === null) {
        const { prescription } = attempt;
        await this.rejections.mark(tx, prescription, claim.claimId, reply, disposition);
        await this.takesBack(tx, prescription, await this.store.ofPrescription(tx, prescription.id));
        return 0;
      }
      await this.store.markPaid(tx, claim.claimId, { ...amounts, authorizationNumber: reply.id }, this.clock.now());
      // Staff may have taken it back since.
      return (await this.store.arePaid(tx, [claim.claimId])) ? amounts.planPayCents : 0;
    });
  }

  /** A claim the switch cannot read is one to correct; a switch that does not know us is no answer of a payer. */
  private async answered(attempt: PlanAttempt, claim: Claim, payer: 'primary' | 'secondary'): Promise<ClaimReply> {
    try {
      return await this.send(attempt, claim, payer);
    } catch (error) {
      if (!(error instanceof Refused && unreadable.includes(error.code))) throw error;
      return { id: null, status: 'R', rejectCodes: ['R8'], amounts: null, nextFillDate: null, messages: null };
    }
  }

  /**
   * The decision is stored before anything is taken back, so that an interruption cannot start a new attempt. A payer that does
   * not take its claim back has paid the pharmacy: then the patient owes what the plan says.
   * @throws TryLater while the coupon on top is taken back
   */
  private async payCashInstead(attempt: PlanAttempt, paid: PaidAmounts, couponClaim?: Claim): Promise<Settled> {
    const { prescription, number, claim, cashPriceCents } = attempt;
    await this.db.tx(systemContext, async (tx) => {
      if (await this.store.isReversalOpen(tx, prescription.id)) throw beingReversed();
      await this.attempts.takeCash(tx, prescription, number, claim.dateOfService, cashPriceCents);
    });
    try {
      await this.reversals.reversePaid(prescription.id, number);
      return cashSettled(cashPriceCents);
    } catch (error) {
      if (!(error instanceof Refused && claimStandsAfter.includes(error.code))) throw error;
    }
    return this.db.tx(systemContext, async (tx) => {
      await this.store.dropCash(tx, prescription.id, number);
      const isCouponPaid = couponClaim !== undefined && (await this.store.arePaid(tx, [couponClaim.claimId]));
      const stands = isCouponPaid ? paid : { ...paid, couponPayCents: 0 };
      return { ...planSettled(claim, stands, couponClaim), reason: 'paid by the plan, which keeps its claim' };
    });
  }

  private async finish({ prescription }: PlanAttempt, settled: Settled, run: JobRun): Promise<void> {
    const approved = await this.db.tx(systemContext, (tx) => this.approve(tx, prescription, settled, run));
    if (!approved) await this.reverseIfCancelled(prescription.id);
  }

  /** @throws TryLater while a claim it rests on is taken back; then the payer is asked anew */
  private async approve(
    tx: Tx,
    { id }: Prescription,
    { owedCents, pays, reason, claimIds }: Settled,
    run: JobRun,
  ): Promise<boolean> {
    // One packet, in this order: the rest is read under the lock.
    const [{ state }, isReversalOpen, arePaid] = await Promise.all([
      this.prescriptions.lock(tx, id),
      this.store.isReversalOpen(tx, id),
      this.store.arePaid(tx, claimIds),
    ]);
    if (state === 'pharmacy_selected' && (isReversalOpen || !arePaid)) {
      throw beingReversed();
    }
    const moved = await this.prescriptions.move(tx, {
      id,
      action: 'approve_claim',
      actor: { kind: pays === 'plan' ? 'payer' : 'system' },
      trigger: 'worker',
      reason,
      facts: { owedCents },
      run,
    });
    return moved !== undefined;
  }

  /** The cancel saga ran while the payer was being asked. */
  private async reverseIfCancelled(id: string): Promise<void> {
    const { state } = await this.db.tx(systemContext, (tx) => this.prescriptions.get(tx, id));
    if (state === 'cancelled') await this.reversals.reverseAll(id);
  }
}

function beingReversed(): TryLater {
  return new TryLater('claim.being-reversed', reversalWaitMs);
}

function answerOf({ status, rejectCodes, amounts }: ClaimReply) {
  return { status, rejectCodes, ...(amounts !== null && { amounts }) };
}
