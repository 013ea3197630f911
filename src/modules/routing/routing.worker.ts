import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import {
  Coverages,
  Prescriptions,
  systemActor,
  Waiting,
  type CardCheck,
  type Prescription,
  type PrescriptionState,
  type WaitingReason,
} from '../prescriptions/index.js';
import type { Recommendation } from './recommendation.entity.js';
import { RecommendationsStore } from './recommendations.store.js';
import { recommendJob, type RecommendPayload } from './routing.jobs.js';
import { countReasons, isCardInDoubt } from './routing.policy.js';
import { Routing, type By } from './routing.service.js';

@Injectable()
export class RoutingWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly routing: Routing,
    private readonly store: RecommendationsStore,
    private readonly waiting: Waiting,
    private readonly coverages: Coverages,
  ) {}

  onModuleInit(): void {
    this.waiting.register({
      states: ['awaiting_routing', 'awaiting_pharmacy_selection', 'routing_issue'],
      explain: (tx, prescription) => this.explain(tx, prescription),
    });
  }

  @Handles(recommendJob)
  async recommend({ prescriptionId, refusedPharmacyId }: RecommendPayload, run: JobRun): Promise<void> {
    const by: By = { actor: systemActor, trigger: 'worker', run };
    await this.db.tx(systemContext, async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      if (refusedPharmacyId !== undefined) {
        const stillThere = prescription.pharmacyId === refusedPharmacyId;
        if (prescription.state === 'adjudication_issue' && stillThere) {
          await this.routing.reroute(tx, prescription, refusedPharmacyId, by);
        }
        return;
      }
      if (isForRouting(prescription)) await this.routing.recommend(tx, prescription, by);
    });
  }

  private async explain(tx: Tx, { id, state, stateSince }: Prescription): Promise<WaitingReason> {
    const latest = await this.store.latest(tx, id);
    const details = {
      ranked: latest?.ranked.length ?? 0,
      excluded: latest?.excluded.length ?? 0,
      exclusionReasons: countReasons(latest?.excluded ?? []),
      ...doctorsWish(latest),
    };
    const isCard = state === 'routing_issue' && latest !== undefined && isCardInDoubt(latest);
    const reason = isCard
      ? cardReasons[await this.coverages.cardCheck(tx, id, stateSince)]
      : (reasonOf[state] ?? notRanked);
    return { ...reason, since: stateSince, details };
  }
}

/** On the direct path the pharmacy bills by itself: routing follows validation, there is no enrollment. */
function isForRouting({ state, path }: Prescription): boolean {
  return state === 'awaiting_routing' || (state === 'validated' && path === 'direct');
}

type Reason = Omit<WaitingReason, 'since' | 'details'>;

const notRanked: Reason = {
  code: 'routing.ranking',
  waitsFor: 'the list of pharmacies that may fill it',
  who: 'platform',
  next: 'The pharmacies are ranked within seconds; nothing to do.',
};

const noPharmacy = { code: 'routing.no-pharmacy', waitsFor: 'a pharmacy that may fill it', who: 'ops' } as const;
const checkCard = 'POST /api/prescriptions/:id/enrollment';
const byNetwork = {
  ...noPharmacy,
  waitsFor:
    "a pharmacy in the network of the patient's plan: whoever could fill it does not list the BIN of the card on file",
};

/** Whose turn it is when the card may be wrong. Of `answered` the pharmacies are ranked in the same transaction. */
const cardReasons: Readonly<Record<CardCheck, Reason>> = {
  'not-sent': {
    ...byNetwork,
    next: `The BIN may be mistyped: have the patient check the card (${checkCard}); the pharmacies are ranked again with the answer. If the card is right, mend the networks and ask for a new list (POST /api/prescriptions/:id/pharmacies), or override with a reason.`,
  },
  'with-patient': {
    ...byNetwork,
    who: 'patient',
    next: `The patient was sent a link to check the card; the pharmacies are ranked again once it is answered. If the link was lost: ${checkCard}.`,
  },
  lapsed: {
    ...byNetwork,
    next: `The link to check the card ran out, or was closed by wrong tries. Reach the patient, then send a new one: ${checkCard}; or override with a reason.`,
  },
  answered: { ...byNetwork, who: 'platform', next: 'The patient has answered; the pharmacies are ranked again.' },
};

const reasonOf: Readonly<Partial<Record<PrescriptionState, Reason>>> = {
  awaiting_routing: notRanked,
  awaiting_pharmacy_selection: {
    code: 'routing.choice',
    waitsFor: 'the choice of a pharmacy',
    who: 'ops',
    next: 'Choose one of the ranked pharmacies: POST /api/prescriptions/:id/pharmacy.',
  },
  routing_issue: {
    ...noPharmacy,
    next: 'Mend what excludes the pharmacies and ask for a new list (POST /api/prescriptions/:id/pharmacies), correct the order (…/resubmit), or override with a reason.',
  },
};

/** Why the pharmacy the doctor named was not taken. */
function doctorsWish(latest: Recommendation | undefined): Readonly<Record<string, unknown>> {
  if (latest === undefined) return {};
  const { named, excluded } = latest;
  if (named.doctorUnknown === true) return { doctorsPharmacy: 'not in the directory' };
  const reasons = excluded.find(({ pharmacyId }) => pharmacyId === named.doctor)?.reasons;
  return reasons === undefined ? {} : { doctorsPharmacy: named.doctor, doctorsPharmacyReasons: reasons };
}
