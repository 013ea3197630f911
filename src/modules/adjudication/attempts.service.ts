import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Clock } from '../../platform/clock/index.js';
import { Keyring, sha256 } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { Unrecoverable } from '../../platform/jobs/index.js';
import { Patients, type OpenPatient } from '../directory/index.js';
import { isUnitOpen } from '../directory/quantity-units/index.js';
import {
  Coverages,
  LastFills,
  Prescriptions,
  type Coverage,
  type OrderPatient,
  type Prescription,
  type PrescriptionOrder,
} from '../prescriptions/index.js';
import { durResponsesOf, lastPriorAuthNumber } from './answers.policy.js';
import { currentAttempt } from './attempt.policy.js';
import { buildClaim, type ClaimedPrescription } from './claim.builder.js';
import type { ClaimCorrection } from './claim-correction.entity.js';
import type { ClaimRecord } from './claim.entity.js';
import { ClaimsStore, type FillFacts } from './claims.store.js';
import type { Claim } from './gateways/claim-switch.port.js';
import { misfitsOf } from './misfits.policy.js';
import { priceOf, type FillPrice } from './pricing.policy.js';

/** What the adjudication worker has to do, decided in one transaction and stored, so that a repetition does the same. */
export type Attempt =
  | { kind: 'cash'; prescription: Prescription; cashPriceCents: number }
  | { kind: 'unclaimable'; prescription: Prescription; claimId: string; missing: string[] }
  | {
      kind: 'claim';
      prescription: Prescription;
      number: number;
      claim: Claim;
      cashPriceCents: number;
      government: boolean;
    };

interface Facts {
  prescription: Prescription;
  fill: FillFacts;
  pharmacyId: string;
  coverage: Coverage | undefined;
  price: FillPrice | undefined;
  corrections: readonly ClaimCorrection[];
  /** Of earlier attempts, and of this one when it had begun. */
  claims: readonly ClaimRecord[];
  number: number;
}

@Injectable()
export class Attempts {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
    private readonly prescriptions: Prescriptions,
    private readonly coverages: Coverages,
    private readonly lastFills: LastFills,
    private readonly patients: Patients,
    private readonly store: ClaimsStore,
  ) {}

  /**
   * The attempt a prescription is in, begun if need be.
   * @throws Unrecoverable claim.no-pharmacy when the selected pharmacy is not in the directory
   */
  async prepare(tx: Tx, prescription: Prescription, claims: readonly ClaimRecord[]): Promise<Attempt> {
    const current = currentAttempt(claims);
    const facts = await this.facts(tx, prescription, claims, current.number);
    const { primary, cash } = current.claims;
    if (primary?.requestSealed != null) return this.resumed(facts, primary);
    if (cash !== undefined) return { kind: 'cash', prescription, cashPriceCents: cash.patientPayCents ?? 0 };
    const order = await this.prescriptions.order(tx, prescription.id);
    const lastDay = this.lastFills.ofOrder(order, prescription.schedule);
    if (lastDay !== undefined && lastDay < this.today(facts.fill.timeZone)) {
      return this.unclaimable(tx, facts, ['order.expired']);
    }
    return paysCash(facts) ? this.beginCash(tx, facts) : this.beginClaim(tx, facts, order);
  }

  /** Adds the cash row of an attempt: the price is decided. */
  async takeCash(
    tx: Tx,
    prescription: Prescription,
    number: number,
    dateOfService: string,
    cents: number,
  ): Promise<void> {
    await this.store.add(tx, {
      ...this.newClaim(prescription, number),
      payerOrder: 'cash',
      bin: null,
      pcn: null,
      state: 'paid',
      dateOfService,
      submittedCents: cents,
      cashPriceCents: cents,
      patientPayCents: cents,
      requestSealed: null,
      requestHash: null,
    });
  }

  /** Stores a claim before it is sent. */
  async addClaim(
    tx: Tx,
    prescription: Prescription,
    number: number,
    payerOrder: 'primary' | 'secondary',
    claim: Claim,
  ): Promise<void> {
    const request = JSON.stringify(claim);
    await this.store.add(tx, {
      ...this.newClaim(prescription, number),
      id: claim.claimId,
      payerOrder,
      bin: claim.payer.bin,
      pcn: claim.payer.pcn,
      state: 'submitted',
      dateOfService: claim.dateOfService,
      submittedCents: claim.pricing.grossAmountDueCents,
      cashPriceCents: claim.pricing.usualAndCustomaryCents,
      patientPayCents: null,
      requestSealed: this.keyring.seal(requestPlace(claim.claimId), request),
      requestHash: sha256(request),
    });
  }

  /** The claim as it was sent, undefined when none was. */
  request({ id, requestSealed }: Pick<ClaimRecord, 'id' | 'requestSealed'>): Claim | undefined {
    if (requestSealed === null) return undefined;
    // Written by `addClaim` and authenticated by the seal.
    return JSON.parse(this.keyring.openText(requestPlace(id), requestSealed)) as Claim;
  }

  private resumed({ prescription, coverage, number }: Facts, primary: ClaimRecord): Attempt {
    const claim = this.request(primary);
    if (claim === undefined) throw new Error('a submitted claim has no request');
    const cashPriceCents = claim.pricing.usualAndCustomaryCents;
    // Any other coverage than the one it was made of counts as governmental: the coupon is the thing to be careful with.
    const isItsCoverage = coverage?.bin === claim.payer.bin && coverage.cardholderId === claim.cardholder.id;
    const government = isItsCoverage ? coverage.government : true;
    return { kind: 'claim', prescription, number, claim, cashPriceCents, government };
  }

  private async beginCash(tx: Tx, facts: Facts): Promise<Attempt> {
    const { prescription, price, number } = facts;
    const missing = misfitsOf(prescription, facts.fill);
    if (price === undefined) missing.push('drug.no-price');
    if (price === undefined || missing.length > 0) return this.unclaimable(tx, facts, missing);
    await this.takeCash(tx, prescription, number, this.today(facts.fill.timeZone), price.cashPriceCents);
    return { kind: 'cash', prescription, cashPriceCents: price.cashPriceCents };
  }

  private async beginClaim(tx: Tx, facts: Facts, order: PrescriptionOrder): Promise<Attempt> {
    const { prescription, coverage, price, fill, number } = facts;
    const { corrections, claims } = await this.ofThisFill(tx, facts);
    const onFile =
      prescription.patientId === null ? undefined : await this.patients.profile(tx, prescription.patientId);
    const built = buildClaim({
      claimId: newId(),
      dateOfService: this.today(fill.timeZone),
      prescription: claimed(prescription, fill.drugUnit),
      order: { ...order, patient: claimant(order.patient, onFile) },
      pharmacyNpi: fill.npi,
      coverage,
      price,
      priorAuthNumber: lastPriorAuthNumber(corrections, claims, coverage?.bin),
      durResponses: durResponsesOf(corrections),
    });
    const misfits = misfitsOf(prescription, fill);
    if ('missing' in built) return this.unclaimable(tx, facts, [...misfits, ...built.missing]);
    if (misfits.length > 0) return this.unclaimable(tx, facts, misfits);
    const { claim } = built;
    await this.addClaim(tx, prescription, number, 'primary', claim);
    const cashPriceCents = claim.pricing.usualAndCustomaryCents;
    return { kind: 'claim', prescription, number, claim, cashPriceCents, government: coverage?.government ?? true };
  }

  /** What a person answered to a reject holds for later attempts, too, but for no other drug and no other patient. */
  private async ofThisFill(
    tx: Tx,
    { prescription, corrections, claims }: Facts,
  ): Promise<Pick<Facts, 'corrections' | 'claims'>> {
    if (corrections.length === 0) return { corrections, claims };
    const since = await this.prescriptions.fillSince(tx, prescription);
    const isOfThisFill = ({ createdAt }: { createdAt: Date }) => createdAt >= since;
    return { corrections: corrections.filter(isOfThisFill), claims: claims.filter(isOfThisFill) };
  }

  private async unclaimable(tx: Tx, facts: Facts, missing: string[]): Promise<Attempt> {
    const { prescription, price, number } = facts;
    const row = this.newClaim(prescription, number);
    await this.store.add(tx, {
      ...row,
      payerOrder: 'primary',
      bin: null,
      pcn: null,
      state: 'submitted',
      dateOfService: this.today(facts.fill.timeZone),
      submittedCents: null,
      cashPriceCents: price?.cashPriceCents ?? null,
      patientPayCents: null,
      requestSealed: null,
      requestHash: null,
    });
    return { kind: 'unclaimable', prescription, claimId: row.id, missing };
  }

  private async facts(
    tx: Tx,
    prescription: Prescription,
    claims: readonly ClaimRecord[],
    number: number,
  ): Promise<Facts> {
    const { id, pharmacyId, patientId, ndc, quantity } = prescription;
    const [fill, coverage, corrections] = await Promise.all([
      pharmacyId === null ? undefined : this.store.fillFacts(tx, pharmacyId, ndc),
      patientId === null ? undefined : this.coverages.current(tx, patientId),
      this.store.corrections(tx, id),
    ]);
    if (pharmacyId === null || fill === undefined) {
      throw new Unrecoverable('claim.no-pharmacy', 'the selected pharmacy is not in the directory');
    }
    return {
      prescription,
      fill,
      pharmacyId,
      number,
      coverage,
      price: priceFrom(fill, quantity),
      corrections,
      claims,
    };
  }

  private newClaim({ id, organizationId, pharmacyId }: Prescription, attempt: number) {
    if (pharmacyId === null) throw new Unrecoverable('claim.no-pharmacy', 'no pharmacy is selected');
    return { id: newId(), prescriptionId: id, organizationId, pharmacyId, attempt, createdAt: this.clock.now() };
  }

  private today(timeZone: string): string {
    return DateTime.fromJSDate(this.clock.now(), { zone: timeZone }).toFormat('yyyy-MM-dd');
  }
}

function requestPlace(claimId: string) {
  return { table: 'claims', column: 'request_sealed', row: claimId };
}

function claimed(prescription: Prescription, drugUnit: string | null): ClaimedPrescription {
  const { rxNumber, ndc, quantity, quantityUnit, daysSupply, refills, writtenDate } = prescription;
  // Where it is left open, the quantity counts what the price is for.
  const unit = isUnitOpen(quantityUnit ?? undefined) ? drugUnit : quantityUnit;
  return { rxNumber, ndc, quantity, quantityUnit: unit, daysSupply, refills, writtenDate };
}

function paysCash({ prescription, coverage, corrections, number }: Facts): boolean {
  const asked = corrections.find(({ attempt }) => attempt === number)?.payCash === true;
  return prescription.path === 'cash' || coverage?.kind === 'cash' || asked;
}

/** What our tables hold of money (integer cents). Such a price is a wrong quantity, for a person to see and not for a retry. */
const mostCents = 2_147_483_647;

function priceFrom(fill: FillFacts, quantity: string | null): FillPrice | undefined {
  const { unitPriceCents, priceFactor, dispensingFeeCents } = fill;
  if (unitPriceCents === null || quantity === null) return undefined;
  const price = priceOf({ unitPriceCents, quantity, priceFactor, dispensingFeeCents });
  return price.cashPriceCents <= mostCents ? price : undefined;
}

/** What enrollment confirmed wins over what the order said. */
function claimant(ordered: OrderPatient, onFile: OpenPatient | undefined): OrderPatient {
  if (onFile === undefined) return ordered;
  const { firstName, lastName, birthDate, phone, address } = onFile;
  return {
    ...ordered,
    firstName,
    lastName,
    birthDate,
    ...(phone !== undefined && { phone }),
    ...(address?.line1 !== undefined && { address }),
  };
}
