import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { Audit } from '../audit/index.js';
import { actorOf, contextOf, type Principal } from '../auth/index.js';
import {
  prescriptionFail,
  Prescriptions,
  type Actor,
  type Prescription,
  type PrescriptionState,
  type Trigger,
} from '../prescriptions/index.js';
import type { ServiceLevel } from '../prescriptions/order/index.js';
import { Tickets } from '../tickets/index.js';
import { Judgements, type Judged } from './judgements.service.js';
import type { NamedPharmacies } from './recommendation.entity.js';
import { RecommendationsStore, type ShownPharmacy } from './recommendations.store.js';
import { fail } from './routing.errors.js';
import { exclusionReasons, legalExclusions, type ExcludedPharmacy, type RankedPharmacy } from './routing.policy.js';
import { refusedWish } from './wishes.policy.js';

export interface By {
  actor: Actor;
  trigger: Trigger;
  run?: JobRun;
}

export interface ShownRecommendation {
  prescriptionId: string;
  requestedAt: Date;
  selectedPharmacyId: string | null;
  named: NamedPharmacies;
  ranked: (RankedPharmacy & { pharmacy: ShownPharmacy })[];
  excluded: (ExcludedPharmacy & { pharmacy: ShownPharmacy })[];
}

export interface Choice {
  pharmacyId: string;
  reason?: string | undefined;
  override?: boolean | undefined;
  serviceLevel?: ServiceLevel | undefined;
}

type OnTicket = Pick<Prescription, 'id' | 'organizationId' | 'ticketId'>;

/** Where a person may ask for a new list. */
const rerunStates: readonly PrescriptionState[] = [
  'awaiting_pharmacy_selection',
  'routing_issue',
  'adjudication_issue',
];
const selectableStates: readonly PrescriptionState[] = rerunStates;

/** Finds the pharmacies that may fill a prescription, ranks them, and notes which one is taken. */
@Injectable()
export class Routing {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly prescriptions: Prescriptions,
    private readonly judgements: Judgements,
    private readonly store: RecommendationsStore,
    private readonly tickets: Tickets,
    private readonly audit: Audit,
  ) {}

  /** The step itself: ranks and moves, and selects at once when the doctor or the patient named an eligible pharmacy. */
  async recommend(tx: Tx, prescription: Prescription, by: By): Promise<void> {
    const judged = await this.judgements.toTake(tx, { prescription }, ({ chosen }) => chosen?.pharmacyId);
    await this.keep(tx, prescription, judged);
    const { ranking, chosen } = judged;
    const found = ranking.ranked.length > 0;
    await this.prescriptions.move(tx, {
      id: prescription.id,
      action: found ? 'recommend' : 'find_none',
      ...by,
      ...(!found && { reason: `no eligible pharmacy among ${ranking.excluded.length}` }),
    });
    const selected = chosen && (await this.select(tx, prescription.id, chosen.pharmacyId, `named by ${chosen.by}`, by));
    await this.tellOfWish(tx, selected ?? prescription, judged);
  }

  /** The payer calls the pharmacy out of network: one that was named, else the next eligible one, takes over without a person. */
  async reroute(tx: Tx, prescription: Prescription, refusedPharmacyId: string, by: By): Promise<void> {
    const nextOf = ({ chosen, ranking }: Judged) => chosen ?? ranking.ranked[0];
    const about = { prescription, newlyRefused: refusedPharmacyId };
    const judged = await this.judgements.toTake(tx, about, (found) => nextOf(found)?.pharmacyId);
    await this.keep(tx, prescription, judged);
    const next = nextOf(judged);
    const selected = next && (await this.select(tx, prescription.id, next.pharmacyId, 'rerouted: payer network', by));
    await this.tellOfWish(tx, selected ?? prescription, judged);
  }

  /** A new list on request. @throws prescription.illegal-action, prescription.not-found */
  async rerun(principal: Principal, prescriptionId: string): Promise<ShownRecommendation> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      if (!rerunStates.includes(prescription.state)) {
        throw prescriptionFail('prescription.illegal-action', {
          meta: { state: prescription.state, action: 'recommend' },
        });
      }
      const judged = await this.judgements.of(tx, { prescription });
      await this.keep(tx, prescription, judged);
      // Where a pharmacy has it, the ticket keeps the reason it went there.
      if (prescription.state !== 'adjudication_issue') await this.tellOfWish(tx, prescription, judged);
      await this.record(tx, 'write', prescriptionId, 'rank');
      return this.shown(tx, prescription);
    });
  }

  /** @throws routing.not-yet, prescription.not-found */
  async show(principal: Principal, prescriptionId: string): Promise<ShownRecommendation> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.get(tx, prescriptionId);
      await this.record(tx, 'read', prescriptionId, 'pharmacies');
      return this.shown(tx, prescription);
    });
  }

  /**
   * A person takes a pharmacy from the list. Everything is checked afresh: licences, stock and capacity change.
   * @throws routing.not-recommended, routing.not-eligible, routing.legal-rule, routing.override-needs-reason,
   *   routing.override-not-yours, prescription.illegal-action
   */
  async choose(principal: Principal, prescriptionId: string, choice: Choice): Promise<{ state: PrescriptionState }> {
    const override = choice.override === true;
    if (override && principal.role !== 'ops' && principal.role !== 'admin') throw fail('routing.override-not-yours');
    if (override && choice.reason === undefined) throw fail('routing.override-needs-reason');
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      if (!selectableStates.includes(prescription.state)) {
        throw prescriptionFail('prescription.illegal-action', {
          meta: { state: prescription.state, action: 'select_pharmacy' },
        });
      }
      const named = await this.mustBeAllowed(tx, prescription, choice.pharmacyId, override);
      // Before the move reads the clock: the former pharmacy may be moving the ticket, and that came first.
      await this.tickets.lock(tx, prescription.ticketId);
      const moved = await this.prescriptions.moveOrRefuse(tx, {
        id: prescriptionId,
        action: 'select_pharmacy',
        actor: actorOf(principal),
        trigger: 'user',
        facts: {
          pharmacyId: choice.pharmacyId,
          ...(choice.serviceLevel !== undefined && { serviceLevel: choice.serviceLevel }),
        },
        reason: `${override ? 'override' : 'chosen'}${choice.reason === undefined ? '' : `: ${choice.reason}`}`,
      });
      await this.store.noteSelection(tx, prescriptionId, choice.pharmacyId, this.clock.now());
      if (choice.pharmacyId === named.doctor) await this.dropFinding(tx, moved, choice.pharmacyId);
      await this.record(tx, 'write', prescriptionId, override ? 'override-pharmacy' : 'choose-pharmacy');
      return { state: moved.to };
    });
  }

  private async record(tx: Tx, action: 'read' | 'write', prescriptionId: string, reason: string): Promise<void> {
    await this.audit.record(tx, { action, entity: 'prescription', entityIds: [prescriptionId], reason });
  }

  private async mustBeAllowed(
    tx: Tx,
    prescription: Prescription,
    pharmacyId: string,
    override: boolean,
  ): Promise<NamedPharmacies> {
    const taken = ({ ranking }: Judged) =>
      !override && ranking.ranked.some((ranked) => ranked.pharmacyId === pharmacyId) ? pharmacyId : undefined;
    const { candidates, request, named } = await this.judgements.toTake(tx, { prescription }, taken);
    const candidate = candidates.find((listed) => listed.pharmacyId === pharmacyId);
    if (candidate === undefined) throw fail('routing.not-recommended');
    const reasons = exclusionReasons(candidate, request);
    const legal = reasons.filter(({ code }) => legalExclusions.has(code));
    if (legal.length > 0) throw fail('routing.legal-rule', { meta: { reasons: legal } });
    if (override) return named;
    if (reasons.length > 0) throw fail('routing.not-eligible', { meta: { reasons } });
    const latest = await this.store.latest(tx, prescription.id);
    const listed = latest?.ranked.some((ranked) => ranked.pharmacyId === pharmacyId) === true;
    if (!listed) throw fail('routing.not-recommended');
    return named;
  }

  private async select(tx: Tx, id: string, pharmacyId: string, reason: string, by: By): Promise<OnTicket | undefined> {
    const facts = { pharmacyId };
    const moved = await this.prescriptions.move(tx, { id, action: 'select_pharmacy', ...by, facts, reason });
    if (moved !== undefined) await this.store.noteSelection(tx, id, pharmacyId, this.clock.now());
    return moved;
  }

  /** The doctor's pharmacy is honoured when it may fill; otherwise the ticket says why not: the one it is on by now. */
  private async tellOfWish(tx: Tx, prescription: OnTicket, { ranking, named }: Judged): Promise<void> {
    const finding = refusedWish(ranking, named);
    if (finding === undefined) return this.dropFinding(tx, prescription, named.doctor);
    const { ticketId: id, organizationId } = prescription;
    await this.tickets.notePharmacyFinding(tx, { id, organizationId }, finding);
  }

  private dropFinding(
    tx: Tx,
    { id: prescriptionId, ticketId }: OnTicket,
    pharmacyId: string | undefined,
  ): Promise<void> {
    return this.tickets.dropPharmacyFinding(tx, ticketId, { prescriptionId, pharmacyId });
  }

  private async keep(tx: Tx, prescription: Prescription, { ranking, named }: Judged): Promise<void> {
    await this.store.add(tx, {
      id: newId(),
      prescriptionId: prescription.id,
      organizationId: prescription.organizationId,
      requestedAt: this.clock.now(),
      orderVersion: prescription.orderVersion,
      ranked: ranking.ranked,
      excluded: ranking.excluded,
      named,
      keepsPharmacyId: prescription.state === 'adjudication_issue' ? prescription.pharmacyId : null,
    });
  }

  private async shown(tx: Tx, prescription: Prescription): Promise<ShownRecommendation> {
    const latest = await this.store.latest(tx, prescription.id);
    if (latest === undefined) throw fail('routing.not-yet', { meta: { state: prescription.state } });
    const ids = [...latest.ranked, ...latest.excluded].map(({ pharmacyId }) => pharmacyId);
    const pharmacies = await this.store.pharmacies(tx, ids);
    const withPharmacy = <T extends { pharmacyId: string }>(listed: readonly T[]) =>
      listed.flatMap((one) => {
        const pharmacy = pharmacies.get(one.pharmacyId);
        return pharmacy === undefined ? [] : [{ ...one, pharmacy }];
      });
    return {
      prescriptionId: prescription.id,
      requestedAt: latest.requestedAt,
      selectedPharmacyId: latest.selectedPharmacyId,
      named: latest.named,
      ranked: withPharmacy(latest.ranked),
      excluded: withPharmacy(latest.excluded),
    };
  }
}
