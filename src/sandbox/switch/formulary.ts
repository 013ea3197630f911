import type { DurAlert } from './switch.wire.js';

export type Tier = 0 | 1 | 2 | 3;

interface Drug {
  tier: Tier;
  notCovered?: boolean;
  priorAuthorization?: boolean;
  /** Units per fill. */
  quantityLimit?: number;
  /** Told to the pharmacist, who must answer each with a DUR response. */
  alerts?: readonly DurAlert[];
  /** Cents per unit the plan has agreed with the pharmacy, whatever is submitted. */
  contractUnitCents?: number;
  /** The maker's card pays down to this much. */
  couponFloorCents?: number;
}

export interface Plan {
  pcn: string;
  name: string;
  deductibleCents: number;
  kind: 'commercial' | 'government' | 'coupon';
}

export const copayCents: Record<Tier, number> = { 0: 0, 1: 1000, 2: 3500, 3: 6000 };

/** By BIN. */
export const plans: Partial<Record<string, Plan>> = {
  '610011': { pcn: 'DEMO', name: 'Demo commercial', deductibleCents: 0, kind: 'commercial' },
  '610012': { pcn: 'DEDUCT', name: 'Demo high deductible', deductibleCents: 25_000, kind: 'commercial' },
  '610013': { pcn: 'MEDD', name: 'Demo Medicare Part D', deductibleCents: 0, kind: 'government' },
  '610020': { pcn: 'COUPON', name: 'Demo maker coupon', deductibleCents: 0, kind: 'coupon' },
};

const formulary: Partial<Record<string, Drug>> = {
  '70000010130': { tier: 1 },
  '70000010260': { tier: 1 },
  '70000010330': { tier: 0 },
  '70000010430': { tier: 1 },
  '70000010521': { tier: 1 },
  '70000010660': { tier: 3, couponFloorCents: 1000 },
  '70000010703': { tier: 2, priorAuthorization: true },
  '70000010845': { tier: 2, notCovered: true },
  '70000010912': { tier: 2, quantityLimit: 9 },
  '70000011030': {
    tier: 2,
    alerts: [{ reasonCode: 'DD', significance: '1', text: 'INCREASED BLEEDING RISK WITH CURRENT THERAPY' }],
  },
  '70000011110': { tier: 2, contractUnitCents: 480 },
};

/** Whatever is not listed is covered on tier 2. */
export function drugOf(ndc: string): Drug {
  return formulary[ndc] ?? { tier: 2 };
}
