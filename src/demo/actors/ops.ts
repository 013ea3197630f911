import type { ApiClient } from '../client.js';

export interface RankedPharmacy {
  pharmacyId: string;
  name: string;
  score: number;
}

export interface PrescriptionView {
  id: string;
  rxNumber: number;
  state: string;
  path: string;
  patientId: string | null;
  owedCents: number | null;
}

export interface PaymentView {
  status: string;
  amountCents: number;
  refundedCents: number;
  attempt: number | null;
  url: string | null;
}

export interface ParcelView {
  kind: string;
  carrier: string | null;
  trackingNumber: string;
  signatureRequired: boolean;
  voidedAt: string | null;
}

export interface ClaimView {
  id: string;
  attempt: number;
  payer: 'primary' | 'secondary' | 'cash';
  state: string;
  rejects: { code: string }[];
  nextFillDate: string | null;
}

export interface WhyView {
  state: string;
  code: string;
  waitsFor: string;
  who: string;
  next: string;
  details: Record<string, unknown>;
}

export interface TimelineEntry {
  at: string;
  kind: string;
  code: string;
  actor: { kind: string };
  cause: { trigger: string };
  details: Record<string, unknown>;
}

/** Someone of operations: looks, decides, and says why a thing stands still. */
export class Ops {
  constructor(private readonly api: ApiClient) {}

  prescription(id: string): Promise<PrescriptionView> {
    return this.api.get(`/api/prescriptions/${id}`);
  }

  why(id: string): Promise<WhyView> {
    return this.api.get(`/api/prescriptions/${id}/why`);
  }

  async timeline(id: string): Promise<TimelineEntry[]> {
    return (await this.api.get<{ items: TimelineEntry[] }>(`/api/prescriptions/${id}/timeline`)).items;
  }

  payment(id: string): Promise<PaymentView> {
    return this.api.get(`/api/prescriptions/${id}/payment`);
  }

  async parcels(id: string): Promise<ParcelView[]> {
    return (await this.api.get<{ items: ParcelView[] }>(`/api/prescriptions/${id}/shipment`)).items;
  }

  async claims(id: string): Promise<ClaimView[]> {
    return (await this.api.get<{ claims: ClaimView[] }>(`/api/prescriptions/${id}/claims`)).claims;
  }

  async ranked(id: string): Promise<RankedPharmacy[]> {
    return (await this.api.get<{ ranked: RankedPharmacy[] }>(`/api/prescriptions/${id}/pharmacies`)).ranked;
  }

  /** @throws Error when routing does not list it */
  async choosePharmacy(id: string, name: string): Promise<void> {
    const pharmacy = (await this.ranked(id)).find((ranked) => ranked.name === name);
    if (pharmacy === undefined) throw new Error(`${name} is not among the ranked pharmacies`);
    await this.api.post(`/api/prescriptions/${id}/pharmacy`, { pharmacyId: pharmacy.pharmacyId });
  }

  /** @param patch JSON Merge Patch (RFC 7396) on the order */
  async correct(id: string, patch: object, reason: string): Promise<void> {
    await this.api.post(`/api/prescriptions/${id}/resubmit`, { patch, reason });
  }

  async retryClaim(id: string, change: { priorAuthNumber?: string; payCash?: true }): Promise<void> {
    await this.api.post(`/api/prescriptions/${id}/claims/retry`, change);
  }

  async cancel(id: string, reason: string): Promise<void> {
    await this.api.post(`/api/prescriptions/${id}/cancel`, { reason });
  }
}
