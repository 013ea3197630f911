import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';
import { seesInside } from '../auth/index.js';
import {
  Compensations,
  Coverages,
  FirstFills,
  lookedInto,
  Waiting,
  type CardCheck,
  type Prescription,
  type WaitingProvider,
  type WaitingReason,
} from '../prescriptions/index.js';
import { platformQuestionOf } from '../tickets/index.js';
import { alertsOf } from './claim-answers.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore, type OpenReversal } from './claims.store.js';
import { cardCheckRule, currentReject, verdictOfClaim, type CardCheckRule } from './card-check.policy.js';
import type { RejectActor, RejectVerdict } from './reject.policy.js';
import { isUnanswered } from './reversal.policy.js';
import { PriorAuthorizations } from './prior-authorizations.service.js';
import { Reversals } from './reversals.service.js';

type Turn = Pick<WaitingReason, 'who' | 'next'>;

const again = 'POST /api/prescriptions/:id/enrollment';

const cardCheckTurns: Readonly<Record<CardCheck, Turn>> = {
  'not-sent': { who: 'platform', next: 'The patient gets a link to check the card within seconds; nothing to do.' },
  'with-patient': {
    who: 'patient',
    next: `The patient was sent a link to check the card; the claim is sent again once it is answered. If the link was lost: ${again}.`,
  },
  lapsed: {
    who: 'ops',
    next: `The link to check the card ran out, or was closed by wrong tries. Reach the patient, then send a new one: ${again}; or offer the cash price (payCash).`,
  },
  answered: { who: 'platform', next: 'The patient has answered; the claim is sent again within seconds.' },
};
const exhausted: Turn = {
  who: 'ops',
  next: `The patient checked the card, and the payer still says no: compare it with patient or plan by phone, then send a new link (${again}), retry the claim, or offer the cash price (payCash).`,
};

/** What adjudication tells `/why`, and what it undoes when a prescription is cancelled. */
@Injectable()
export class AdjudicationWaiting implements OnModuleInit {
  constructor(
    private readonly waiting: Waiting,
    private readonly compensations: Compensations,
    private readonly coverages: Coverages,
    private readonly store: ClaimsStore,
    private readonly firstFills: FirstFills,
    private readonly authorizations: PriorAuthorizations,
    private readonly reversals: Reversals,
  ) {}

  onModuleInit(): void {
    for (const provider of this.providers()) this.waiting.register(provider);
    for (const payer of ['secondary', 'primary'] as const) {
      this.compensations.register({
        step: `${payer}_claim`,
        run: async (prescriptionId) => {
          const reversed = await this.reversals.undo(prescriptionId, payer);
          return reversed > 0 ? 'reversed' : 'nothing-to-do';
        },
      });
    }
  }

  private providers(): WaitingProvider[] {
    return [
      { states: ['pharmacy_selected'], explain: (tx, prescription) => this.selected(tx, prescription) },
      { states: ['adjudication_issue'], explain: (tx, prescription) => this.issue(tx, prescription) },
    ];
  }

  private async selected(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { id, path, stateSince: since } = prescription;
    const held = await this.untilItsDay(tx, prescription);
    if (held !== undefined) return held;
    if (path === 'direct') {
      return {
        code: 'shipping.hand-over',
        waitsFor: 'the hand-over to the pharmacy, which bills by itself',
        who: 'platform',
        since,
        next: 'The order is sent to the pharmacy within seconds; nothing to do.',
      };
    }
    const reversal = await this.store.openReversal(tx, id);
    if (reversal !== undefined) return { ...beingReversed(reversal, seesInside(tx.context)), since };
    const claims = await this.store.ofPrescription(tx, id);
    const open = claims.findLast(isUnanswered);
    if (open === undefined) {
      return {
        code: 'claim.pricing',
        waitsFor: 'the price of the fill',
        who: 'platform',
        since,
        next: 'The claim is made within seconds; nothing to do.',
      };
    }
    const undecided = open.state === 'unknown';
    return {
      code: undecided ? 'claim.unknown' : 'claim.submitted',
      waitsFor: undecided ? 'a clear answer of the payer' : 'the answer of the payer',
      who: 'payer',
      since: open.createdAt,
      next: 'The claim is sent again by itself with the same number until the payer decides; it is never counted as paid before.',
      details: { claimId: open.id, attempt: open.attempt, payer: open.payerOrder },
    };
  }

  private async untilItsDay(tx: Tx, prescription: Prescription): Promise<WaitingReason | undefined> {
    const goesOnAt = await this.firstFills.beginsAt(tx, prescription);
    const { earliestFillDate, stateSince: since } = prescription;
    return goesOnAt && { ...earlyFill, since, details: { earliestFillDate, goesOnAt } };
  }

  private async issue(tx: Tx, prescription: Prescription): Promise<WaitingReason> {
    const { id, stateSince: since } = prescription;
    const claims = await this.store.ofPrescription(tx, id);
    const rejected = currentReject(claims);
    const verdict = verdictOfClaim(rejected, prescription);
    const priorAuthorization = await this.authorizations.of(tx, prescription);
    const nextFillDate = rejected?.nextFillDate ?? undefined;
    const { who, nextStep: next } = verdict.first;
    const turn =
      (await this.stalled(tx, id, verdict, nextFillDate)) ??
      (await this.cardCheck(tx, id, cardCheckRule(claims), since)) ??
      (await this.answered(tx, prescription, who));
    return {
      code: `claim.${verdict.first.class.replaceAll('_', '-')}`,
      waitsFor: verdict.first.sentence,
      since,
      ...(turn ?? { who, next }),
      details: {
        claimId: rejected?.id,
        attempt: rejected?.attempt,
        class: verdict.first.class,
        rejectCodes: rejected?.rejectCodes ?? [],
        ...(nextFillDate !== undefined && { nextFillDate }),
        ...(rejected !== undefined && seesInside(tx.context) && saidBy(rejected)),
        ...(priorAuthorization !== undefined && {
          priorAuthorization: { status: priorAuthorization.status, dueAt: priorAuthorization.dueAt },
        }),
      },
    };
  }

  /** Whose turn it is while the patient is asked to check the card. */
  private async cardCheck(tx: Tx, id: string, rule: CardCheckRule, rejectedAt: Date): Promise<Turn | undefined> {
    if (rule === 'not-asked-for') return undefined;
    const check = await this.coverages.cardCheck(tx, id, rejectedAt);
    // Operations may send a link although the platform has given up.
    return check === 'not-sent' && rule === 'exhausted' ? exhausted : cardCheckTurns[check];
  }

  /** Nobody but operations can go on with what the clinic has said. */
  private async answered(tx: Tx, prescription: Prescription, who: RejectActor): Promise<Turn | undefined> {
    if (who !== 'doctor') return undefined;
    const question = await platformQuestionOf(tx, prescription, prescription.stateSince);
    return question?.isAnswered === true ? { who: 'ops', next: answeredNextStep } : undefined;
  }

  /** Where the platform would act by itself but cannot. @returns what ops can do instead */
  private async stalled(
    tx: Tx,
    id: string,
    { first, waits }: RejectVerdict,
    nextFillDate: string | undefined,
  ): Promise<Turn | undefined> {
    if (waits && nextFillDate === undefined) return { who: 'ops', next: noDateNextStep };
    if (first.class !== 'reroute') return undefined;
    const asked = await tx.one(
      `SELECT 1 FROM outbox_events WHERE aggregate_id = $1 AND event = 'reroute_requested' AND done_at IS NULL`,
      [id],
    );
    return asked === undefined ? { who: 'ops', next: noPharmacyNextStep } : undefined;
  }
}

/** What staff goes by to mend it; what the payer wrote is opened with the claims alone. */
function saidBy(claim: ClaimRecord) {
  const durAlerts = alertsOf(claim);
  const { helpDeskPhone } = claim;
  return { ...(durAlerts.length > 0 && { durAlerts }), ...(helpDeskPhone !== null && { helpDeskPhone }) };
}

/** A failure and its redrive are for staff, as in `/why`. */
function beingReversed({ deadLetterId }: OpenReversal, inside: boolean): Omit<WaitingReason, 'since'> {
  const waiting = { code: 'claim.being-reversed', waitsFor: 'the end of an earlier claim, which is taken back' };
  if (deadLetterId === null) {
    return {
      ...waiting,
      who: 'platform',
      next: 'The reversal is sent within seconds, the claim after it; nothing to do.',
    };
  }
  if (!inside) return { ...waiting, ...lookedInto };
  return {
    ...waiting,
    who: 'ops',
    next: `The reversal failed for good, and nobody knows whether the payer carried it out: mend the cause, then POST /api/dead-letters/${deadLetterId}/redrive.`,
    details: { deadLetterId },
  };
}

const earlyFill = {
  code: 'prescription.earliest-fill-date',
  waitsFor: 'the first day on which the prescriber lets it be filled',
  who: 'platform',
  next: 'It goes on by itself on that morning; nothing to do.',
} as const satisfies Omit<WaitingReason, 'since'>;
const noPharmacyNextStep =
  'No other pharmacy took over: choose one (POST /api/prescriptions/:id/pharmacy), retry the claim, or offer the cash price (payCash).';
const answeredNextStep =
  'The clinic has answered on the ticket: read it, then retry the claim with what it says (POST /api/prescriptions/:id/claims/retry), correct the order (POST /api/prescriptions/:id/resubmit), or cancel it (POST /api/prescriptions/:id/cancel).';
const noDateNextStep =
  'No date of the next fill could be read from the answer: see what the payer wrote (GET /api/prescriptions/:id/claims) or ask its help desk, then retry the claim.';
