import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { deliveryAddressOf, Patients } from '../directory/index.js';
import { Coverages, Prescriptions, type Prescription } from '../prescriptions/index.js';
import { Tickets } from '../tickets/index.js';
import type { NamedPharmacies } from './recommendation.entity.js';
import { RecommendationsStore, type ListedCandidate } from './recommendations.store.js';
import {
  namedChoice,
  rankPharmacies,
  refusedBy,
  type NamedChoice,
  type Ranking,
  type RoutingRequest,
} from './routing.policy.js';
import { namedPharmacies } from './wishes.policy.js';

export interface Judged {
  candidates: readonly ListedCandidate[];
  request: RoutingRequest;
  ranking: Ranking;
  named: NamedPharmacies;
  chosen: NamedChoice | undefined;
}

interface Case {
  prescription: Prescription;
  /** The pharmacy a payer has just refused. */
  newlyRefused?: string;
}

/** With fewer orders left for today a pharmacy is taken by one at a time; more than all processes together take at once. */
const fewLeft = 64;

/** Which pharmacies may fill a prescription as things stand. */
@Injectable()
export class Judgements {
  constructor(
    private readonly clock: Clock,
    private readonly prescriptions: Prescriptions,
    private readonly patients: Patients,
    private readonly coverages: Coverages,
    private readonly tickets: Tickets,
    private readonly store: RecommendationsStore,
  ) {}

  async of(tx: Tx, { prescription, newlyRefused }: Case): Promise<Judged> {
    const { ndc, patientId } = prescription;
    // Asked together: they share a trip to the database.
    const [order, wished, drug, patient, refusals, fillSince, bin] = await Promise.all([
      this.prescriptions.order(tx, prescription.id),
      this.store.wishedPharmacy(tx, prescription.ticketId),
      ndc === null ? undefined : this.store.drug(tx, ndc),
      patientId === null ? undefined : this.patients.profile(tx, patientId),
      this.store.refusals(tx, prescription.id),
      this.prescriptions.fillSince(tx, prescription),
      this.planBin(tx, prescription),
    ]);
    const { state, zip: patientZip } = deliveryAddressOf(order.patient.address, patient, prescription.receivedAt) ?? {};
    const candidates = await this.store.candidates(tx, { prescription, patientZip, now: this.clock.now() });
    const named = namedPharmacies(candidates, order, wished, patient?.preferredPharmacyId ?? undefined);
    const request: RoutingRequest = {
      patientState: state?.trim().toUpperCase(),
      schedule: prescription.schedule ?? undefined,
      form: drug?.form,
      specialty: drug?.specialty ?? false,
      bin,
      refusedByPayer: refusedBy(bin, newlyRefused === undefined ? [] : [newlyRefused], refusals, fillSince),
      doctorsPharmacyId: named.doctor,
      patientsPharmacyId: named.patient,
    };
    const ranking = rankPharmacies(candidates, request);
    return { candidates, request, ranking, named, chosen: namedChoice(ranking, request) };
  }

  /**
   * As `of`, for whoever takes a pharmacy in this transaction: its last orders of the day are not given to several at once. Of
   * one that is full by the time it is ours to take, all is judged anew.
   * @param taken which pharmacy that would be
   */
  async toTake(tx: Tx, about: Case, taken: (judged: Judged) => string | undefined): Promise<Judged> {
    for (;;) {
      const judged = await this.of(tx, about);
      const id = taken(judged);
      const pharmacy = judged.candidates.find(({ pharmacyId }) => pharmacyId === id);
      if (pharmacy === undefined || (await this.hasRoom(tx, about.prescription, pharmacy))) return judged;
    }
  }

  private async hasRoom(tx: Tx, { id, ticketId }: Prescription, pharmacy: ListedCandidate): Promise<boolean> {
    const { pharmacyId, dailyCapacity, ordersToday } = pharmacy;
    if (dailyCapacity - ordersToday > fewLeft) return true;
    // The ticket first: its other writers are not waited for while everybody waits for the pharmacy.
    await this.tickets.lock(tx, ticketId);
    return (await this.store.lockAndCount(tx, pharmacyId, id, this.clock.now())) < dailyCapacity;
  }

  /** Only a plan has a network; on the cash and direct paths any pharmacy will do. */
  private async planBin(tx: Tx, { path, patientId }: Prescription): Promise<string | undefined> {
    if (path !== 'full' || patientId === null) return undefined;
    const coverage = await this.coverages.current(tx, patientId);
    return coverage?.kind === 'insurance' ? coverage.bin : undefined;
  }
}
