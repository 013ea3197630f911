import { createHmac } from 'node:crypto';
import { loadConfig } from '../config/index.js';
import { Keyring } from '../src/platform/crypto/index.js';
import { resolveKeys } from '../src/platform/crypto/development-keys.js';
import type { Stage } from './stage.js';
import { seedParties, seedText, type SeededRow } from './seed-prescriptions.js';

/** What a partner pharmacy pushes of one prescription, in the order it happens. */
const words = ['order_received', 'order_processing', 'order_ready', 'order_shipped', 'order_delivered'] as const;

export const eventsOfOne = words.length;
export const doorSecret = 'a-secret-of-the-bench-that-is-long-enough';

export interface SignedBodies {
  bodies: string[];
  ownHeaders: Record<string, string>[];
}

/** Prescriptions at a partner pharmacy, waiting for its word; nobody is written to. @returns their ids */
export async function seedHandedOver(stage: Stage, count: number): Promise<string[]> {
  const { sql } = stage;
  const organizationId = await seedParties(sql);
  await sealProfiles(stage);
  const { rows } = await sql.query<{ id: string }>(`${seedText(count, atThePharmacy)} RETURNING id`, [organizationId]);
  await sql.query('VACUUM ANALYZE prescriptions, healthcare_tickets');
  return rows.map(({ id }) => id);
}

/** What follows a status opens the patient's profile. */
async function sealProfiles({ sql, folder }: Stage): Promise<void> {
  const { dataKeys, blindIndexKey } = resolveKeys(loadConfig({ DATA_DIR: folder }));
  const keyring = new Keyring(dataKeys, blindIndexKey);
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM patients');
  const sealed = rows.map(({ id }) =>
    keyring.seal({ table: 'patients', column: 'profile_sealed', row: id }, JSON.stringify({ birthDate: '1980-02-29' })),
  );
  await sql.query(
    `UPDATE patients p SET profile_sealed = s.sealed
     FROM unnest($1::uuid[], $2::bytea[]) AS s(id, sealed) WHERE p.id = s.id`,
    [rows.map(({ id }) => id), sealed],
  );
}

/**
 * One signed status push per word and prescription: all first words, then all second ones, as a day goes.
 * @param first where their numbers begin: of two rounds they are not the same
 */
export function pushesOf(prescriptionIds: readonly string[], day: Date, first = 0): SignedBodies {
  const bodies = words.flatMap((word, hour) => {
    const changedAt = new Date(day.getTime() + hour * 3_600_000).toISOString();
    return prescriptionIds.map((id, index) => pushOf(id, first + index, word, changedAt));
  });
  return { bodies, ownHeaders: bodies.map(signed) };
}

export function pushOf(referenceId: string, index: number, current: string, changedAt: string): string {
  return JSON.stringify({
    eventType: 'prescription.status.update',
    timestamp: changedAt,
    referenceId,
    prescription: {
      rxNumber: `RX${7_000_000 + index}`,
      orderId: String(9_000_000 + index),
      medicationName: 'Lisinopril 10 mg',
      quantity: 30,
    },
    status: { current, changedAt },
  });
}

export function signed(body: string): Record<string, string> {
  return { 'x-lifefile-signature': createHmac('sha256', doorSecret).update(body).digest('hex') };
}

const atThePharmacy: SeededRow = {
  receivedAt: "now() - interval '3 days'",
  path: 'direct',
  state: "'sent_to_pharmacy'",
  stateSince: 'drawn.received_at',
  owedCents: 0,
};
