import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { sha256 } from '../../platform/crypto/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Effects, Refused } from '../../platform/effects/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import { waitAlone } from '../prescriptions/index.js';
import { Attempts } from './attempts.service.js';
import type { ClaimRecord, PayerOrder } from './claim.entity.js';
import { ClaimsStore } from './claims.store.js';
import {
  ClaimSwitch,
  hostDown,
  SwitchUnavailable,
  unknownStatus,
  type ReversalAnswer,
} from './gateways/claim-switch.port.js';
import { isAnswered, isUnanswered, mayBePaid, reversalRefused } from './reversal.policy.js';

type PlanPayer = Exclude<PayerOrder, 'cash'>;

/** Whether a worker may be waiting for the answer to one of the claims. */
type Sending = 'maybe' | 'ended';
const unansweredKeys: Readonly<Record<Sending, string>> = { maybe: ':unanswered', ended: ':unanswered:ended' };

/** What a claim is called in the ledger of effects. */
export const claimKind = 'claim-switch.claim';

/** The coupon was billed for what the first payer left, so it goes first. */
export const reversalOrder: readonly PlanPayer[] = ['secondary', 'primary'];

/** Takes claims back (B2), each once. */
@Injectable()
export class Reversals {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly effects: Effects,
    private readonly claimSwitch: ClaimSwitch,
    private readonly attempts: Attempts,
    private readonly store: ClaimsStore,
  ) {}

  /**
   * Every open claim of the prescription with these payers. `ended` says that nobody is sending claims of it any more: what had
   * not arrived when it was first asked about has arrived by now, or never will. @returns how many were taken back
   */
  async reverseAll(
    prescriptionId: string,
    payers: readonly PlanPayer[] = reversalOrder,
    sending: Sending = 'maybe',
  ): Promise<number> {
    return this.reverseOpen(await this.claimsOf(prescriptionId), payers, sending);
  }

  /**
   * As `reverseAll`, for a prescription that is undone: its step is finished with the answer and not taken again.
   * @throws StepWaits while a payer may be at work on a claim nobody has the answer to, has not decided on a reversal or is away
   */
  undo(prescriptionId: string, payer: PlanPayer): Promise<number> {
    const sending = this.db.tx(systemContext, (tx) => this.sendingOf(tx, prescriptionId));
    return waitAlone(sending.then((known) => this.reverseAll(prescriptionId, [payer], known)));
  }

  /** A claim with the coupon billed on top of it, or that coupon alone; not what earlier or later attempts left. */
  async reverseAttempt({ prescriptionId, attempt, payerOrder }: ClaimRecord): Promise<void> {
    const claims = (await this.claimsOf(prescriptionId)).filter((claim) => claim.attempt === attempt);
    await this.reverseOpen(claims, payerOrder === 'secondary' ? ['secondary'] : reversalOrder, 'maybe');
  }

  /** What of this attempt is paid; what a payer may have paid although it rejected it holds nobody up. */
  async reversePaid(prescriptionId: string, attempt: number): Promise<void> {
    const claims = await this.claimsOf(prescriptionId);
    const paid = claims.filter((claim) => claim.attempt === attempt && claim.state === 'paid');
    await this.reverseOpen(paid, reversalOrder, 'maybe');
  }

  /** A job that is to run again asks by itself; of one that was given up nobody else does. */
  private async sendingOf(tx: Tx, prescriptionId: string): Promise<Sending> {
    const claims = await this.store.ofPrescription(tx, prescriptionId);
    // Also of the other payer: the coupon is billed after the plan has paid.
    if (!claims.some(isUnanswered)) return 'maybe';
    await this.effects.refuseWhileHeld(tx, { kind: claimKind, aggregateId: prescriptionId });
    return (await this.store.isAdjudicating(tx, prescriptionId)) ? 'maybe' : 'ended';
  }

  private claimsOf(prescriptionId: string): Promise<ClaimRecord[]> {
    return this.db.tx(systemContext, (tx) => this.store.ofPrescription(tx, prescriptionId));
  }

  /** A payer's no keeps what lies below that claim, and nothing else. @throws Refused the first one, when all were tried */
  private async reverseOpen(
    claims: readonly ClaimRecord[],
    payers: readonly PlanPayer[],
    sending: Sending,
  ): Promise<number> {
    const refusals = new Map<number, Refused>();
    let reversed = 0;
    for (const payer of payers) {
      for (const claim of claims.filter((one) => one.payerOrder === payer && mayBePaid(one))) {
        if (refusals.has(claim.attempt)) continue;
        try {
          if (await this.reverseOne(claim, sending)) reversed += 1;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          refusals.set(claim.attempt, error);
        }
      }
    }
    for (const refusal of refusals.values()) throw refusal;
    return reversed;
  }

  /** Without a switch nothing was ever sent, so there is nothing to take back. */
  private async reverseOne(claim: ClaimRecord, sending: Sending): Promise<boolean> {
    try {
      return await this.reverse(claim, sending);
    } catch (error) {
      const neverSent = error instanceof Unrecoverable && error.code === 'vendor.off' && !isAnswered(claim);
      if (!neverSent) throw error;
      return false;
    }
  }

  /**
   * An unanswered claim may have been paid, so it is reversed too, under a key of its own: should its answer come later,
   * the paid claim can still be taken back. The answer may also be lost for ever, with the worker that waited for it: its
   * successor asks once more, because the first question may have overtaken the claim.
   */
  private async reverse(claim: ClaimRecord, sending: Sending): Promise<boolean> {
    const request = this.attempts.request(claim);
    if (request === undefined) return false;
    const key = `claim-reversal:${claim.id}${isAnswered(claim) ? '' : unansweredKeys[sending]}`;
    const { authorizationNumber } = claim;
    const { outcome } = await this.effects.once({
      key,
      kind: 'claim-switch.reversal',
      requestHash: sha256(key),
      aggregateId: claim.prescriptionId,
      organizationId: claim.organizationId,
      call: async () => {
        const answer = await this.claimSwitch.reverse({
          reversalId: key,
          payer: request.payer,
          pharmacyNpi: request.pharmacyNpi,
          dateOfService: request.dateOfService,
          cardholderId: request.cardholder.id,
          rxNumber: request.fill.rxNumber,
          ndc: request.fill.ndc,
          fillNumber: request.fill.fillNumber,
          ...(authorizationNumber !== null && { authorizationNumber }),
        });
        if (answer.outcome === 'host-down') throw new SwitchUnavailable(hostDown, false);
        if (answer.outcome === 'unknown') throw new SwitchUnavailable(unknownStatus);
        if (answer.outcome === 'refused') throw new Refused(reversalRefused, 'the payer refused the reversal');
        return { outcome: answer.outcome };
      },
    });
    if (!isDone(claim, outcome)) return false;
    await this.db.tx(systemContext, (tx) => this.store.markReversed(tx, claim.id, this.clock.now()));
    return true;
  }
}

/** A paid claim the payer no longer has is gone; an unanswered one may still be on its way. */
function isDone(claim: ClaimRecord, outcome: ReversalAnswer['outcome']): boolean {
  return outcome === 'reversed' || isAnswered(claim);
}
