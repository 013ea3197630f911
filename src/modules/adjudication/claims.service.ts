import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, isSeenBy, type Principal } from '../auth/index.js';
import {
  prescriptionFail,
  Prescriptions,
  type Facts,
  type Prescription,
  type PrescriptionOrder,
  type PrescriptionState,
} from '../prescriptions/index.js';
import { reverseJob } from './adjudication.jobs.js';
import { fail } from './adjudication.errors.js';
import { currentAttempt } from './attempt.policy.js';
import { hasWords, openWords, type PayerWords } from './claim-answers.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore } from './claims.store.js';
import { isUndispensed } from './dur-codes.js';
import type { DurResponse } from './gateways/claim-switch.port.js';
import { loweredFill } from './pricing.policy.js';
import { isAnswered, isReversible } from './reversal.policy.js';
import { pricesShown, type ShownPrices } from './shown-prices.policy.js';
import type { PriorAuthorization } from './prior-authorization.entity.js';
import { PriorAuthorizations } from './prior-authorizations.service.js';

export interface ShownClaims {
  prescription: Prescription;
  prices: ShownPrices;
  claims: readonly ClaimRecord[];
  /** What payers wrote, by claim; undefined for who only reads how claims stand. */
  words: ReadonlyMap<string, PayerWords> | undefined;
  priorAuthorization: PriorAuthorization | undefined;
}

export interface Retry {
  priorAuthNumber?: string | undefined;
  durResponse?: DurResponse | undefined;
  /** Lower than ordered, or as ordered again: the plan's limit (reject 76). */
  quantity?: number | undefined;
  payCash?: true | undefined;
}

/** What people see of claims, and what they may ask for. */
@Injectable()
export class Claims {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly prescriptions: Prescriptions,
    private readonly store: ClaimsStore,
    private readonly authorizations: PriorAuthorizations,
    private readonly audit: Audit,
    private readonly keyring: Keyring,
  ) {}

  /** What a payer wrote is opened for those who may send the claim again. @throws prescription.not-found */
  async show(principal: Principal, prescriptionId: string): Promise<ShownClaims> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      const claims = await this.store.ofPrescription(tx, prescriptionId);
      const priorAuthorization = await this.authorizations.of(tx, prescription);
      const worded = principal.permissions.has('claims:write') ? claims.filter(hasWords) : undefined;
      const reveals = worded !== undefined && worded.length > 0;
      await this.audit.record(tx, {
        action: 'read',
        entity: 'claim',
        entityIds: claims.map(({ id }) => id),
        ...(reveals && { reason: 'reveal' }),
      });
      const words = worded && new Map(worded.map((claim) => [claim.id, openWords(this.keyring, claim)]));
      return { prescription, prices: pricesShown(claims), claims, words, priorAuthorization };
    });
  }

  /**
   * Sends the claim again, with what was missing; the adjudication worker takes it from there.
   * @throws prescription.illegal-action outside adjudication_issue, claim.not-dispensed, claim.quantity-controlled,
   * claim.quantity-too-large
   */
  async retry(
    principal: Principal,
    prescriptionId: string,
    retry: Retry,
  ): Promise<{ state: PrescriptionState; attempt: number }> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      const { state } = prescription;
      if (state !== 'adjudication_issue') {
        throw prescriptionFail('prescription.illegal-action', { meta: { state, action: 'retry_claim' } });
      }
      if (retry.durResponse !== undefined && isUndispensed(retry.durResponse.result)) throw fail('claim.not-dispensed');
      const facts = fillOf(await this.prescriptions.order(tx, prescriptionId), prescription, retry);
      const claims = await this.store.ofPrescription(tx, prescriptionId);
      const attempt = currentAttempt(claims).number;
      await this.correct(tx, principal, prescription, attempt, retry);
      const moved = await this.prescriptions.moveOrRefuse(tx, {
        id: prescriptionId,
        action: 'select_pharmacy',
        actor: actorOf(principal),
        trigger: 'user',
        reason: retry.payCash === true ? 'retry: cash price' : 'retry of the claim',
        facts,
      });
      await this.audit.record(tx, {
        action: 'write',
        entity: 'prescription',
        entityIds: [prescriptionId],
        reason: 'retry-claim',
      });
      return { state: moved.to, attempt };
    });
  }

  /** Asks for a B2; a job sends it. @throws claim.not-found, claim.not-reversible, claim.already-used */
  async reverse(principal: Principal, claimId: string): Promise<{ id: string; state: ClaimRecord['state'] }> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const seen = await this.store.byId(tx, claimId);
      if (seen === undefined || !isSeenBy(tx.context, seen)) throw fail('claim.not-found');
      // The lock the approval takes: one of the two comes first, and the other sees it.
      const { state } = await this.prescriptions.lock(tx, seen.prescriptionId);
      const claim = (await this.store.byId(tx, claimId)) ?? seen;
      if (!isReversible(state)) throw fail('claim.already-used', { meta: { prescriptionState: state } });
      if (claim.payerOrder === 'cash' || !(isAnswered(claim) || claim.state === 'reversed')) {
        throw fail('claim.not-reversible', { meta: { state: claim.state } });
      }
      if (claim.state !== 'reversed') await this.takeBack(tx, principal, claim);
      await this.audit.record(tx, { action: 'write', entity: 'claim', entityIds: [claimId], reason: 'reverse' });
      return { id: claim.id, state: claim.state };
    });
  }

  /** Once while a job waits, under the lock of the prescription; one that is over may have done nothing. */
  private async takeBack(tx: Tx, principal: Principal, claim: ClaimRecord): Promise<void> {
    if (await this.store.isReversalWaiting(tx, claim)) return;
    if (await this.store.redriveReversal(tx, claim, principal.id, this.clock.now())) {
      this.outbox.announce(tx);
      return;
    }
    const { id: claimId, prescriptionId: aggregateId, organizationId } = claim;
    await this.outbox.enqueue(tx, reverseJob, { claimId }, { aggregateId, organizationId });
  }

  private async correct(tx: Tx, principal: Principal, prescription: Prescription, attempt: number, retry: Retry) {
    const { id: prescriptionId, organizationId } = prescription;
    await this.store.addCorrection(tx, {
      prescriptionId,
      attempt,
      organizationId,
      payCash: retry.payCash === true,
      priorAuthNumber: retry.priorAuthNumber,
      durResponse: retry.durResponse,
      createdBy: principal.id,
      createdAt: this.clock.now(),
    });
    if (retry.priorAuthNumber !== undefined) {
      await this.authorizations.approve(tx, prescription, retry.priorAuthNumber);
    }
  }
}

/**
 * What the fill becomes. An earlier retry may have lowered it, so what was ordered is what counts; for cash no plan limits it.
 * No substitution of quantity by us on a controlled drug (21 CFR 1306): that takes a new prescription.
 */
function fillOf({ medication }: PrescriptionOrder, { schedule }: Prescription, { quantity, payCash }: Retry): Facts {
  const { quantity: ordered, daysSupply } = medication;
  if (quantity === undefined) {
    return payCash === true && ordered !== undefined && daysSupply !== undefined
      ? { quantity: ordered, daysSupply }
      : {};
  }
  if (schedule !== null) throw fail('claim.quantity-controlled');
  const fill = loweredFill(ordered, daysSupply, quantity);
  if (fill === undefined) throw fail('claim.quantity-too-large');
  return fill;
}
