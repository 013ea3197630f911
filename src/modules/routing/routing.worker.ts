import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Handles, type JobRun } from '../../platform/jobs/index.js';
import {
  Prescriptions,
  systemActor,
  Waiting,
  type Prescription,
  type PrescriptionState,
  type WaitingReason,
} from '../prescriptions/index.js';
import type { Recommendation } from './recommendation.entity.js';
import { RecommendationsStore } from './recommendations.store.js';
import { recommendJob, type RecommendPayload } from './routing.jobs.js';
import { countReasons } from './routing.policy.js';
import { Routing, type By } from './routing.service.js';

@Injectable()
export class RoutingWorker implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly prescriptions: Prescriptions,
    private readonly routing: Routing,
    private readonly store: RecommendationsStore,
    private readonly waiting: Waiting,
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
    return { ...(reasonOf[state] ?? notRanked), since: stateSince, details };
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

const reasonOf: Readonly<Partial<Record<PrescriptionState, Reason>>> = {
  awaiting_routing: notRanked,
  awaiting_pharmacy_selection: {
    code: 'routing.choice',
    waitsFor: 'the choice of a pharmacy',
    who: 'ops',
    next: 'Choose one of the ranked pharmacies: POST /api/prescriptions/:id/pharmacy.',
  },
  routing_issue: {
    code: 'routing.no-pharmacy',
    waitsFor: 'a pharmacy that may fill it',
    who: 'ops',
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
