import { digits } from '../core/ids.js';
import type { World } from '../core/world.js';
import { copayCents, drugOf, plans, type Plan } from './formulary.js';
import { tooSoonUntil, type FillRecord } from './history.js';
import { price, priceCoupon } from './pricing.js';
import type { Answer, Billing, DurAlert, DurResponse, Pricing, Reversal, Transaction } from './switch.wire.js';

interface PaidClaim {
  key: string;
  cardholderId: string;
  deductibleKey: string;
  authorizationNumber: string;
  pricing: Pricing;
  fill: FillRecord | null;
}

interface Reject {
  code: string;
  message: string;
  dur?: DurAlert[];
}

const HELP_DESK = '8005550199';
const CARDHOLDER = /^[A-Z0-9]{6,20}$/;
const GROUP = /^[A-Z0-9]{1,15}$/;

/** Payers behind one switch: plans, fills, deductibles and prior authorizations; all answers follow from them alone. */
export class ClaimHost {
  private readonly paid = new Map<string, PaidClaim>();
  private readonly reversed = new Map<string, string>();
  private readonly usedDeductible = new Map<string, number>();
  private readonly priorAuthorizations = new Map<string, { cardholderId: string; ndc: string }>();
  private seededFills: FillRecord[] = [];

  constructor(private readonly world: World) {}

  reset(): void {
    for (const map of [this.paid, this.reversed, this.usedDeductible, this.priorAuthorizations]) map.clear();
    this.seededFills = [];
  }

  seedFill(fill: FillRecord): void {
    this.seededFills.push(fill);
  }

  approve(cardholderId: string, ndc: string): string {
    const known = [...this.priorAuthorizations].find(([, one]) => one.cardholderId === cardholderId && one.ndc === ndc);
    const number = known?.[0] ?? `9${digits(10)}`;
    this.priorAuthorizations.set(number, { cardholderId, ndc });
    return number;
  }

  bill(request: Billing, idempotencyKey: string): Answer {
    const key = claimKey(request);
    const before = this.paid.get(key);
    if (before) {
      this.record('claim', idempotencyKey, before, true);
      return answer(request, { code: 'D', authorizationNumber: before.authorizationNumber }, before.pricing);
    }
    const plan = plans[request.header.bin];
    const badCard = cardRejects(request, plan);
    if (!plan || badCard.length > 0) return rejection(request, badCard);
    const rejects = plan.kind === 'coupon' ? couponRejects(request) : this.planRejects(request);
    if (rejects.length > 0) return rejection(request, rejects);
    const claim = plan.kind === 'coupon' ? this.payCoupon(key, request) : this.payPlan(key, request, plan);
    this.paid.set(key, claim);
    this.reversed.delete(key);
    this.record('claim', idempotencyKey, claim, false);
    return answer(request, { code: 'P', authorizationNumber: claim.authorizationNumber }, claim.pricing);
  }

  reverse(request: Reversal, idempotencyKey: string): Answer {
    const key = claimKey(request);
    const wanted = request.authorizationNumber ?? request.claim.authorizationNumber;
    const alreadyReversed = this.reversed.get(key);
    if (alreadyReversed !== undefined && !this.paid.has(key)) {
      return answer(request, { code: 'A', authorizationNumber: alreadyReversed });
    }
    const claim = this.paid.get(key);
    if (!claim || (wanted !== undefined && wanted !== claim.authorizationNumber)) {
      return rejection(request, [{ code: '87', message: 'REVERSAL NOT PROCESSED NO PAID CLAIM FOUND' }]);
    }
    this.paid.delete(key);
    this.reversed.set(key, claim.authorizationNumber);
    const used = this.usedDeductible.get(claim.deductibleKey) ?? 0;
    this.usedDeductible.set(claim.deductibleKey, used - claim.pricing.deductibleCents);
    this.record('reversal', idempotencyKey, claim, false);
    return answer(request, { code: 'A', authorizationNumber: claim.authorizationNumber });
  }

  private planRejects(request: Billing): Reject[] {
    const { claim, insurance, header } = request;
    const drug = drugOf(claim.ndc);
    if (drug.notCovered) return [{ code: '70', message: 'PRODUCT NOT COVERED BY PLAN FORMULARY' }];
    const wanted = { cardholderId: insurance.cardholderId, ndc: claim.ndc, dateOfService: header.dateOfService };
    const nextFill = tooSoonUntil(this.fills(), wanted);
    const rejects: Reject[] = [];
    if (nextFill !== undefined) rejects.push({ code: '79', message: `REFILL TOO SOON NEXT FILL DATE ${nextFill}` });
    if (drug.priorAuthorization && !this.isAuthorized(request)) {
      rejects.push({ code: '75', message: 'PRIOR AUTHORIZATION REQUIRED PRESCRIBER CALL HELP DESK' });
    }
    if (drug.quantityLimit !== undefined && Number(claim.quantityDispensed) > drug.quantityLimit) {
      rejects.push({
        code: '76',
        message: `PLAN LIMITATIONS EXCEEDED MAXIMUM QUANTITY ${drug.quantityLimit} PER FILL`,
      });
    }
    const dur = (drug.alerts ?? []).filter((alert) => !claim.durResponses.some((one) => answers(one, alert)));
    if (dur.length > 0) {
      rejects.push({ code: '88', message: 'DUR REJECT ERROR PHARMACIST REVIEW REQUIRED', dur });
    }
    return rejects;
  }

  private isAuthorized({ claim, insurance }: Billing): boolean {
    const named = this.priorAuthorizations.get(claim.priorAuthNumber ?? '');
    if (named?.ndc === claim.ndc) return true;
    return [...this.priorAuthorizations.values()].some(
      (one) => one.cardholderId === insurance.cardholderId && one.ndc === claim.ndc,
    );
  }

  private payPlan(key: string, request: Billing, plan: Plan): PaidClaim {
    const { header, insurance, claim } = request;
    const deductibleKey = `${header.bin}|${insurance.cardholderId}`;
    const used = this.usedDeductible.get(deductibleKey) ?? 0;
    const drug = drugOf(claim.ndc);
    const pricing = price(request.pricing, {
      copayCents: copayCents[drug.tier],
      remainingDeductibleCents: plan.deductibleCents - used,
      accumulatedDeductibleCents: used,
      contractCents:
        drug.contractUnitCents === undefined
          ? undefined
          : Math.round(drug.contractUnitCents * Number(claim.quantityDispensed)),
    });
    this.usedDeductible.set(deductibleKey, used + pricing.deductibleCents);
    return {
      key,
      cardholderId: insurance.cardholderId,
      deductibleKey,
      authorizationNumber: digits(12),
      pricing,
      fill: {
        cardholderId: insurance.cardholderId,
        ndc: claim.ndc,
        dateOfService: header.dateOfService,
        daysSupply: claim.daysSupply,
      },
    };
  }

  private payCoupon(key: string, request: Billing): PaidClaim {
    const floor = drugOf(request.claim.ndc).couponFloorCents ?? 0;
    return {
      key,
      cardholderId: request.insurance.cardholderId,
      deductibleKey: `${request.header.bin}|${request.insurance.cardholderId}`,
      authorizationNumber: digits(12),
      pricing: priceCoupon(patientResponsibility(request) ?? 0, floor),
      fill: null,
    };
  }

  private fills(): FillRecord[] {
    return [...this.seededFills, ...[...this.paid.values()].flatMap((claim) => claim.fill ?? [])];
  }

  private record(kind: string, idempotencyKey: string, claim: PaidClaim, replayed: boolean): void {
    this.world.ledger.record({
      vendor: 'switch',
      kind,
      key: idempotencyKey === '' ? claim.key : idempotencyKey,
      id: claim.authorizationNumber,
      replayed,
      digest: { reference: claim.key, patientPayCents: claim.pricing.patientPayCents },
    });
  }
}

function cardRejects({ header, insurance, claim, prescriber }: Billing, plan: Plan | undefined): Reject[] {
  if (!plan) return [{ code: '01', message: 'M/I BIN NUMBER' }];
  const checks: [boolean, string, string][] = [
    [header.pcn === plan.pcn, '04', 'M/I PROCESSOR CONTROL NUMBER'],
    [/^\d{10}$/.test(header.serviceProviderId), '05', 'M/I SERVICE PROVIDER NUMBER'],
    [insurance.groupId === undefined || GROUP.test(insurance.groupId), '06', 'M/I GROUP ID'],
    [CARDHOLDER.test(insurance.cardholderId), '07', 'M/I CARDHOLDER ID'],
    [/^\d{11}$/.test(claim.ndc), '21', 'M/I PRODUCT/SERVICE ID'],
    [/^\d{10}$/.test(prescriber.id), '25', 'M/I PRESCRIBER ID'],
  ];
  return checks.filter(([good]) => !good).map(([, code, message]) => ({ code, message }));
}

/** 42 U.S.C. 1320a-7b(b): a maker's coupon never pays beside a government plan. */
function couponRejects(request: Billing): Reject[] {
  if (patientResponsibility(request) === undefined) {
    return [{ code: '41', message: 'SUBMIT BILL TO OTHER PROCESSOR OR PRIMARY PAYER' }];
  }
  const government = request.cob?.otherPayers.some((payer) => plans[payer.id]?.kind === 'government');
  if (government) return [{ code: '65', message: 'PATIENT NOT ELIGIBLE GOVERNMENT COVERAGE' }];
  if (drugOf(request.claim.ndc).couponFloorCents === undefined)
    return [{ code: '70', message: 'PRODUCT NOT COVERED BY COUPON' }];
  return [];
}

/** Filled all the same (E6 1x), and about this very alert. */
function answers({ reason, result }: DurResponse, alert: DurAlert): boolean {
  return reason === alert.reasonCode && result.startsWith('1');
}

function patientResponsibility({ cob }: Billing): number | undefined {
  return cob?.otherPayers.flatMap((payer) => payer.patientResponsibility).find((one) => one.qualifier === '06')
    ?.amountCents;
}

function claimKey({ header, claim }: Transaction): string {
  return [header.serviceProviderId, claim.prescriptionReferenceNumber, claim.fillNumber, claim.ndc, header.bin].join(
    '|',
  );
}

function rejection(request: Transaction, rejects: Reject[]): Answer {
  const alerts = rejects.flatMap((reject) => reject.dur ?? []);
  return {
    header: headerOf(request, 'A'),
    status: {
      code: 'R',
      rejectCodes: rejects.map((reject) => reject.code),
      messages: rejects.map((reject) => reject.message),
      helpDeskPhone: HELP_DESK,
    },
    ...(alerts.length > 0 && { dur: alerts }),
  };
}

function answer(
  request: Transaction,
  status: { code: 'P' | 'D' | 'A'; authorizationNumber: string },
  pricing?: Pricing,
): Answer {
  return {
    header: headerOf(request, 'A'),
    status: { ...status, rejectCodes: [], messages: [] },
    ...(pricing && { pricing }),
  };
}

function headerOf({ header }: Transaction, headerStatus: 'A' | 'R'): Answer['header'] {
  const { transactionCode, serviceProviderId, dateOfService } = header;
  return { version: 'D0', transactionCode, headerStatus, serviceProviderId, dateOfService };
}
