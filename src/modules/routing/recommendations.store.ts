import { Injectable } from '@nestjs/common';
import { unseen, type Tx } from '../../platform/db/index.js';
import { milesBetweenZips } from '../directory/index.js';
import { undeliveredStates, type Prescription } from '../prescriptions/index.js';
import { Recommendation, type NamedPharmacies } from './recommendation.entity.js';
import type { ExcludedPharmacy, KeptRefusals, PharmacyCandidate, RankedPharmacy } from './routing.policy.js';

export interface DrugFacts {
  form: string;
  specialty: boolean;
}

export interface CandidateQuery {
  /** The one to be routed: it is no load to itself. */
  prescription: Pick<Prescription, 'id' | 'organizationId' | 'ndc' | 'quantity'>;
  patientZip: string | undefined;
  now: Date;
}

interface CandidateRow {
  pharmacyId: string;
  ncpdpId: string;
  npi: string;
  name: string;
  zip: string;
  licensedStates: string[];
  schedules: string[];
  forms: string[];
  specialty: boolean;
  networks: Record<string, number>;
  openForOrders: boolean;
  dailyCapacity: number;
  turnaroundHours: number;
  ordersToday: number;
  priceCents: number | null;
}

/** A candidate with what an order may name it by. */
export interface ListedCandidate extends PharmacyCandidate {
  ncpdpId: string;
  npi: string;
  name: string;
}

export interface ShownPharmacy {
  id: string;
  name: string;
  city: string;
  state: string;
}

export interface NewRecommendation {
  id: string;
  prescriptionId: string;
  organizationId: string;
  requestedAt: Date;
  orderVersion: number;
  ranked: readonly RankedPharmacy[];
  excluded: readonly ExcludedPharmacy[];
  named: NamedPharmacies;
  /** The pharmacy that has the prescription: a new list does not take it away. */
  keepsPharmacyId: string | null;
}

const undelivered = undeliveredStates.map((state) => `'${state}'`).join(', ');

/**
 * Today's orders of a pharmacy `ph`. "Today" begins at midnight of each pharmacy; counting stops at its capacity, because more
 * would change nothing. Counted are the orders, however often they were routed there, without those that went elsewhere or ended
 * with nothing for the patient. The array has them looked up by id: as a join the planner would read all a pharmacy ever had.
 */
const loadOf = (prescription: string, now: string) => `SELECT count(*)::integer AS orders FROM (
        SELECT 1 FROM prescriptions p
        WHERE p.id = ANY (ARRAY (
            SELECT r.prescription_id FROM recommendations r
            WHERE r.selected_pharmacy_id = ph.id AND r.prescription_id <> ${prescription}
              AND r.selected_at >= date_trunc('day', ${now} AT TIME ZONE ph.time_zone) AT TIME ZONE ph.time_zone
          ))
          AND p.pharmacy_id = ph.id AND p.state NOT IN (${undelivered})
        LIMIT ph.daily_capacity
      ) today`;

/** All pharmacies of the organization with today's orders, in one statement. */
const candidatesSql = {
  name: 'routing_candidates',
  text: `SELECT ph.id AS "pharmacyId", ph.ncpdp_id AS "ncpdpId", ph.npi, ph.name, ph.zip, ph.licensed_states AS "licensedStates",
      ph.schedules, ph.forms, ph.specialty, ph.networks, ph.open_for_orders AS "openForOrders",
      ph.daily_capacity AS "dailyCapacity", ph.turnaround_hours AS "turnaroundHours", load.orders AS "ordersToday",
      (round(d.unit_price_cents * $3::numeric * ph.price_factor) + ph.dispensing_fee_cents)::bigint AS "priceCents"
    FROM pharmacies ph
    LEFT JOIN drugs d ON d.ndc = ${unseen(2, 'text')}
    CROSS JOIN LATERAL (${loadOf(unseen(5, 'uuid'), unseen(4, 'timestamptz'))}) load
    WHERE ph.organization_id = ${unseen(1, 'uuid')}`,
};

const loadSql = {
  name: 'routing_load',
  text: `SELECT load.orders FROM pharmacies ph CROSS JOIN LATERAL (${loadOf(unseen(2, 'uuid'), unseen(3, 'timestamptz'))}) load WHERE ph.id = $1`,
};

const refusalsSql = {
  name: 'routing_refusals',
  text: `SELECT requested_at AS "requestedAt", excluded FROM recommendations
    WHERE prescription_id = ${unseen(1, 'uuid')} AND excluded @> '[{"reasons": [{"code": "payer-refused"}]}]'`,
};

@Injectable()
export class RecommendationsStore {
  async candidates(tx: Tx, { prescription, patientZip, now }: CandidateQuery): Promise<ListedCandidate[]> {
    const { id, organizationId, ndc, quantity } = prescription;
    const rows = await tx.run<CandidateRow>(candidatesSql, [organizationId, ndc, quantity, now, id]);
    return rows.map(({ zip, priceCents, ...row }) => ({
      ...row,
      priceCents: priceCents ?? undefined,
      distanceMiles: patientZip === undefined ? undefined : milesBetweenZips(patientZip, zip),
    }));
  }

  /**
   * Who takes this pharmacy waits for the end of this transaction. Counted in a statement after the lock, which sees what others
   * have taken meanwhile.
   */
  async lockAndCount(tx: Tx, pharmacyId: string, prescriptionId: string, now: Date): Promise<number> {
    await tx.send('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`pharmacy-capacity ${pharmacyId}`]);
    const [load] = await tx.run<{ orders: number }>(loadSql, [pharmacyId, prescriptionId, now]);
    return load?.orders ?? 0;
  }

  async drug(tx: Tx, ndc: string): Promise<DrugFacts | undefined> {
    return tx.one<DrugFacts & Record<string, unknown>>('SELECT form, specialty FROM drugs WHERE ndc = $1', [ndc]);
  }

  /** The one a person opened the ticket for, or changed it to after the prescription was saved. */
  async wishedPharmacy(tx: Tx, ticketId: string): Promise<string | undefined> {
    const row = await tx.one<{ id: string | null }>(
      'SELECT wished_pharmacy_id AS id FROM healthcare_tickets WHERE id = $1',
      [ticketId],
    );
    return row?.id ?? undefined;
  }

  async pharmacies(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, ShownPharmacy>> {
    const rows = await tx.query<ShownPharmacy & Record<string, unknown>>(
      'SELECT id, name, city, state FROM pharmacies WHERE id = ANY($1::uuid[])',
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  async latest(tx: Tx, prescriptionId: string): Promise<Recommendation | undefined> {
    return await tx.row(Recommendation, { prescriptionId }, { order: { requestedAt: 'DESC', id: 'DESC' } });
  }

  /** What payers refused of a prescription, whatever the plan and the fill. */
  refusals(tx: Tx, prescriptionId: string): Promise<KeptRefusals[]> {
    return tx.run<KeptRefusals & Record<string, unknown>>(refusalsSql, [prescriptionId]);
  }

  /** A selection that stands is carried over as of its own day, which it is an order of. */
  async add(tx: Tx, recommendation: NewRecommendation): Promise<void> {
    await tx.send(
      `WITH standing AS (
         SELECT selected_pharmacy_id, selected_at FROM recommendations
         WHERE prescription_id = $2 AND selected_pharmacy_id = $9
         ORDER BY requested_at DESC, id DESC LIMIT 1)
       INSERT INTO recommendations (id, prescription_id, organization_id, requested_at, order_version, ranked, excluded, named,
         selected_pharmacy_id, selected_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
         (SELECT selected_pharmacy_id FROM standing), (SELECT selected_at FROM standing))`,
      [
        recommendation.id,
        recommendation.prescriptionId,
        recommendation.organizationId,
        recommendation.requestedAt,
        recommendation.orderVersion,
        JSON.stringify(recommendation.ranked),
        JSON.stringify(recommendation.excluded),
        JSON.stringify(recommendation.named),
        recommendation.keepsPharmacyId,
      ],
    );
  }

  /** A pharmacy of the prescription's latest recommendation was taken: counts as one order of its day. */
  async noteSelection(tx: Tx, prescriptionId: string, pharmacyId: string, now: Date): Promise<void> {
    await tx.send(
      `UPDATE recommendations SET selected_pharmacy_id = $2, selected_at = $3
       WHERE id = (SELECT id FROM recommendations WHERE prescription_id = $1 ORDER BY requested_at DESC, id DESC LIMIT 1)`,
      [prescriptionId, pharmacyId, now],
    );
  }
}
